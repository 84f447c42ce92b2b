import { describe, expectTypeOf, test } from 'vitest'
import {
  type FunctionStats,
  GearmanServer,
  type JobRejectReason,
  type JobReturnReason,
  type ServerHistogram,
  type ServerPeer,
} from '../../src/server/index.ts'

const server = new GearmanServer()

describe('events of the server', () => {
  test('carry what is known at that moment', () => {
    server.on('jobAccepted', ({ client, runAt, background, priority }) => {
      expectTypeOf(client).toEqualTypeOf<ServerPeer>()
      expectTypeOf(runAt).toEqualTypeOf<number | undefined>()
      expectTypeOf(background).toEqualTypeOf<boolean>()
      expectTypeOf(priority).toEqualTypeOf<0 | 1 | 2>()
    })
    server.on('jobRejected', (event) => {
      expectTypeOf(event.reason).toEqualTypeOf<JobRejectReason>()
      // @ts-expect-error what was rejected has no handle
      event.handle
    })
    server.on('jobReturned', ({ reason, retries }) => {
      expectTypeOf(reason).toEqualTypeOf<JobReturnReason>()
      expectTypeOf(retries).toEqualTypeOf<number>()
    })
    server.once('jobDropped', ({ reason }) => {
      expectTypeOf(reason).toEqualTypeOf<'cancelled' | 'abandoned'>()
    })
    server.on('jobAssigned', (event) => {
      expectTypeOf(event.waitTime).toEqualTypeOf<number>()
      // @ts-expect-error events carry no payloads
      event.data
    })
    server.on('stopping', ({ graceful }) => expectTypeOf(graceful).toEqualTypeOf<boolean>())
  })

  test('have no other names', () => {
    // @ts-expect-error
    server.on('jobStarted', () => undefined)
  })
})

describe('counters of the server', () => {
  test('are numbers, for the server and for each function', () => {
    const stats = server.stats()
    expectTypeOf(stats.functions).toEqualTypeOf<readonly FunctionStats[]>()
    expectTypeOf(stats.totals.rejected['queue-full']).toEqualTypeOf<number>()
    expectTypeOf(stats.refused['INVALID_PACKET']).toEqualTypeOf<number | undefined>()
    const [first] = stats.functions
    expectTypeOf(first?.waitTime).toEqualTypeOf<ServerHistogram | undefined>()
  })

  test('cannot be changed', () => {
    // @ts-expect-error
    server.stats().queued = 1
  })
})
