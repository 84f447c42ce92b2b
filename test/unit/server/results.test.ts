import { describe, expect, test } from 'vitest'
import type { KeptLimits } from '../../../src/server/queue/kept-outcomes.ts'
import { HandStore, type TestPeer, TestServer, turn } from './server-harness.ts'

const KEEP: KeptLimits = {
  maxJobs: Number.POSITIVE_INFINITY,
  maxBytes: 10_000,
  maxAgeMs: 60_000,
}

interface Setup {
  readonly server: TestServer
  readonly client: TestPeer
  readonly worker: TestPeer
}

function setUp(keepResults: KeptLimits | undefined = KEEP): Setup {
  const server = new TestServer({ keepResults, keepFailed: undefined })
  const client = server.connect()
  client.play('OPTION_REQ', 'gearman-sdk')
  return { server, client, worker: server.worker() }
}

/** Runs a job to its end. */
function run(
  { client, worker }: Setup,
  unique: string,
  ...end: readonly [string, ...string[]]
): void {
  const [created = ''] = client.play('SUBMIT_JOB_BG', 'f', unique, 'data')
  const handle = created.split(' ')[1] ?? ''
  worker.play('GRAB_JOB')
  const [type, ...output] = end
  worker.play(type as 'WORK_COMPLETE', handle, ...output)
}

describe('GET_RESULT', () => {
  test('tells where a job is, and then its result, by handle and by unique', () => {
    const { client, worker } = setUp()
    const ask = (): string[] => [
      ...client.play('GET_RESULT', 'H:test:1', ''),
      ...client.play('GET_RESULT', '', 'u'),
    ]
    expect(ask()).toEqual(['RESULT_RES H:test:1  unknown ', 'RESULT_RES  u unknown '])
    client.play('SUBMIT_JOB_BG', 'f', 'u', 'data')
    expect(ask()).toEqual(['RESULT_RES H:test:1  queued ', 'RESULT_RES H:test:1 u queued '])
    worker.play('GRAB_JOB')
    expect(ask()).toEqual(['RESULT_RES H:test:1  running ', 'RESULT_RES H:test:1 u running '])
    worker.play('WORK_COMPLETE', 'H:test:1', 're\0sult')
    expect(ask()).toEqual([
      'RESULT_RES H:test:1  complete re\0sult',
      'RESULT_RES H:test:1 u complete re\0sult',
    ])
  })

  test('tells that jobs failed, and what they threw', () => {
    const setup = setUp()
    run(setup, 'a', 'WORK_FAIL')
    run(setup, 'b', 'WORK_EXCEPTION', 'boom')
    expect(setup.client.play('GET_RESULT', '', 'a')).toEqual(['RESULT_RES H:test:1 a failed '])
    expect(setup.client.play('GET_RESULT', '', 'b')).toEqual([
      'RESULT_RES H:test:2 b exception boom',
    ])
    expect(setup.client.say('list failed')).toMatch(/^ERR NOT_KEPT/)
  })

  test('tells of the newest job with a unique id, and of each by its handle', () => {
    const setup = setUp()
    run(setup, 'u', 'WORK_COMPLETE', '1')
    run(setup, 'u', 'WORK_COMPLETE', '2')
    expect(setup.client.play('GET_RESULT', '', 'u')).toEqual(['RESULT_RES H:test:2 u complete 2'])
    expect(setup.client.play('GET_RESULT', 'H:test:1', '')).toEqual([
      'RESULT_RES H:test:1  complete 1',
    ])
    setup.client.play('SUBMIT_JOB_BG', 'f', 'u', 'x')
    expect(setup.client.play('GET_RESULT', '', 'u')).toEqual(['RESULT_RES H:test:3 u queued '])
  })

  test('knows nothing of foreground jobs that are over, of cancelled ones, and of odd handles', () => {
    const { client, worker } = setUp()
    client.play('SUBMIT_JOB', 'f', '', 'x')
    worker.play('GRAB_JOB')
    worker.play('WORK_COMPLETE', 'H:test:1', 'r')
    client.look()
    client.play('SUBMIT_JOB_BG', 'f', '', 'x')
    client.say('cancel job H:test:2')
    for (const handle of ['H:test:1', 'H:test:2', 'H:other:1', 'odd']) {
      expect(client.play('GET_RESULT', handle, '')).toEqual([`RESULT_RES ${handle}  unknown `])
    }
  })

  test('results go when their time is over, and when they are too many', () => {
    const setup = setUp()
    const { client, server } = setup
    run(setup, '', 'WORK_COMPLETE', 'x'.repeat(6000))
    run(setup, '', 'WORK_COMPLETE', 'y'.repeat(6000))
    expect(client.play('GET_RESULT', 'H:test:1', '')).toEqual(['RESULT_RES H:test:1  unknown '])
    expect(client.play('GET_RESULT', 'H:test:2', '')[0]).toContain('complete yyy')
    expect(server.clock.timerCount).toBe(1)
    server.clock.advance(60_000)
    expect(client.play('GET_RESULT', 'H:test:2', '')).toEqual(['RESULT_RES H:test:2  unknown '])
    server.clock.advance(60_000)
    expect(server.clock.timerCount).toBe(0)
  })

  test('is for those who asked with OPTION_REQ, of a server that keeps results', () => {
    const server = new TestServer({ keepResults: KEEP })
    expect(server.connect().play('GET_RESULT', 'H:test:1', '')).toEqual([
      'ERROR INVALID_COMMAND Command not expected',
    ])
    const client = new TestServer().connect()
    expect(client.play('OPTION_REQ', 'Gearman-SDK')).toEqual(['OPTION_RES Gearman-SDK'])
    expect(client.play('GET_RESULT', 'H:test:1', '')).toEqual([
      'ERROR NOT_KEPT This server keeps no results of background jobs',
    ])
    expect(client.play('OPTION_REQ', 'other')).toEqual([
      'ERROR UNKNOWN_OPTION Server does not recognize given option',
    ])
  })
})

describe('results beside failed jobs', () => {
  class KeepingStore extends HandStore {
    readonly capabilities = {
      isDurable: true,
      isAtomic: true,
      isExclusive: true,
      keepsOutcomes: true,
    }
  }

  test('the store has each job once, and without its data when it cannot be queued again', async () => {
    const store = new KeepingStore()
    const server = new TestServer({ keepResults: KEEP, keepFailed: KEEP, store })
    const [client, worker] = [server.connect(), server.worker()]
    client.play('OPTION_REQ', 'gearman-sdk')
    client.play('SUBMIT_JOB_BG', 'f', '', '1')
    client.play('SUBMIT_JOB_BG', 'f', '', '2')
    await turn()
    await store.succeed()
    client.look()
    worker.play('GRAB_JOB')
    worker.play('WORK_COMPLETE', 'H:test:1', 'r')
    worker.play('GRAB_JOB')
    worker.play('WORK_EXCEPTION', 'H:test:2', 'boom')
    await turn()
    expect(store.commits[1]?.outcomes).toMatchObject([
      { job: { key: 1, data: Buffer.alloc(0) }, canRequeue: false, output: Buffer.from('r') },
      { job: { key: 2, data: Buffer.from('2') }, canRequeue: true, output: Buffer.from('boom') },
    ])
    await store.succeed()
    expect(client.say('purge failed all')).toBe('OK 1\r\n')
    await turn()
    expect(store.commits[2]?.outcomes).toMatchObject([
      { job: { key: 2, data: Buffer.alloc(0) }, canRequeue: false, output: Buffer.from('boom') },
    ])
    await store.succeed()
    expect(client.play('GET_RESULT', 'H:test:2', '')).toEqual([
      'RESULT_RES H:test:2  exception boom',
    ])
    server.clock.advance(61_000)
    await turn()
    expect(store.commits[3]?.forgotten).toEqual([1, 2])
    await store.succeed()
    expect(server.clock.timerCount).toBe(0)
  })
})
