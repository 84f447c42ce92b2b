import { describe, expect, test } from 'vitest'
import type { ServerEvents } from '../../../../src/server/server-events.ts'
import type { FunctionStats } from '../../../../src/server/server-stats.ts'
import { HandStore, TestServer, turn } from '../server-harness.ts'

const NAMES = [
  'requestRefused',
  'jobAccepted',
  'jobCoalesced',
  'jobRejected',
  'jobAssigned',
  'jobReturned',
  'jobDone',
  'jobFailed',
  'jobLost',
  'jobDropped',
] as const satisfies readonly (keyof ServerEvents)[]

/** All events from now on, each with its name. */
function record(server: TestServer): { readonly name: string }[] {
  const seen: { readonly name: string }[] = []
  for (const name of NAMES) server.events.on(name, (event: object) => seen.push({ name, ...event }))
  return seen
}

function statsOf(server: TestServer, name = 'f'): FunctionStats | undefined {
  return server.stats().functions.find((one) => one.name === name)
}

const JOB = {
  handle: 'H:test:1',
  functionName: 'f',
  unique: 'u',
  priority: 1,
  background: false,
  dataLength: 4,
}
const CLIENT = { id: 1, address: '127.0.0.1' }
const WORKER = { id: 2, address: '127.0.0.1' }

describe('what happens to a job', () => {
  test('is told step by step, with the peers and the times', () => {
    const server = new TestServer()
    const seen = record(server)
    const [client, worker] = [server.connect(), server.worker()]
    client.play('SUBMIT_JOB', 'f', 'u', 'four')
    client.play('SUBMIT_JOB', 'f', 'u', 'joins')
    server.clock.advance(20)
    worker.play('GRAB_JOB')
    server.clock.advance(300)
    worker.play('WORK_COMPLETE', 'H:test:1', 'r')
    expect(seen).toEqual([
      { name: 'jobAccepted', ...JOB, client: CLIENT, runAt: undefined },
      { name: 'jobCoalesced', ...JOB, client: CLIENT },
      { name: 'jobAssigned', ...JOB, worker: WORKER, waitTime: 20 },
      { name: 'jobDone', ...JOB, worker: WORKER, runTime: 300 },
    ])
    expect(statsOf(server)).toMatchObject({
      queued: 0,
      running: 0,
      workers: 1,
      totals: {
        accepted: { foreground: 1, background: 0 },
        coalesced: 1,
        assigned: 1,
        completed: 1,
      },
      waitTime: { count: 1, sum: 20 },
      runTime: { count: 1, sum: 300 },
    })
  })

  test('a job for later waits from its time on', () => {
    const server = new TestServer()
    const seen = record(server)
    const due = server.clock.nowMs() / 1000 + 5
    server.connect().play('SUBMIT_JOB_EPOCH', 'f', '', String(due), 'x')
    expect(seen).toMatchObject([{ name: 'jobAccepted', background: true, runAt: due * 1000 }])
    expect(statsOf(server)).toMatchObject({ delayed: 1, queued: 0 })
    server.clock.advance(5000)
    expect(statsOf(server)).toMatchObject({ delayed: 0, queued: 1 })
    server.clock.advance(7)
    server.worker().play('GRAB_JOB')
    expect(seen.at(-1)).toMatchObject({ name: 'jobAssigned', waitTime: 7 })
  })

  test.each([
    ['WORK_FAIL', 'fail', { failed: 1 }],
    ['WORK_EXCEPTION', 'exception', { exceptions: 1 }],
  ] as const)('%s is a failure with a reason', (packet, reason, totals) => {
    const server = new TestServer()
    const seen = record(server)
    server.connect().play('SUBMIT_JOB_BG', 'f', '', 'x')
    const worker = server.worker()
    worker.play('GRAB_JOB')
    worker.play(packet, 'H:test:1', ...(packet === 'WORK_FAIL' ? [] : ['boom']))
    expect(seen.at(-1)).toMatchObject({ name: 'jobFailed', reason, worker: WORKER })
    expect(statsOf(server)?.totals).toMatchObject({ ...totals, completed: 0 })
  })
})

describe('a job whose worker is lost', () => {
  test.each(['disconnected', 'timeout', 'unregistered'] as const)(
    'is returned, then given up: %s',
    (reason) => {
      const server = new TestServer({ jobRetries: 2 })
      const seen = record(server)
      server.connect().play('SUBMIT_JOB_BG', 'f', '', 'x')
      for (let round = 0; round < 2; round += 1) {
        const worker = server.connect()
        worker.play('CAN_DO_TIMEOUT', 'f', '1000')
        worker.play('GRAB_JOB')
        if (reason === 'disconnected') worker.leave()
        else if (reason === 'unregistered') worker.play('CANT_DO', 'f')
        else server.clock.advance(1000)
      }
      const ends = seen.filter(({ name }) => name === 'jobReturned' || name === 'jobLost')
      expect(ends).toMatchObject([
        { name: 'jobReturned', reason, retries: 1, worker: { id: 2 } },
        { name: 'jobLost', reason, retries: 2, worker: { id: 3 } },
      ])
      const totals = statsOf(server)?.totals
      expect(totals).toMatchObject({ assigned: 2, lost: 1 })
      expect(totals?.returned[reason]).toBe(1)
      expect(statsOf(server)?.runTime.count).toBe(0)
    },
  )
})

describe('a job without a result', () => {
  test('is dropped as abandoned when its last client leaves', () => {
    const server = new TestServer()
    const seen = record(server)
    const client = server.connect()
    client.play('SUBMIT_JOB', 'f', '', 'x')
    client.leave()
    expect(seen.at(-1)).toMatchObject({ name: 'jobDropped', reason: 'abandoned' })
    expect(statsOf(server)?.totals.abandoned).toBe(1)
  })

  test('is dropped as cancelled: at once when it waits, with its worker when it runs', () => {
    const server = new TestServer()
    const seen = record(server)
    const client = server.connect()
    client.play('SUBMIT_JOB', 'f', '', 'x')
    client.play('SUBMIT_JOB', 'f', '', 'y')
    const worker = server.worker()
    worker.play('GRAB_JOB')
    client.say('cancel job H:test:2')
    expect(seen.at(-1)).toMatchObject({ name: 'jobDropped', handle: 'H:test:2' })
    client.say('cancel job H:test:1')
    expect(server.stats()).toMatchObject({ running: 1, totals: { cancelled: 1 } })
    worker.play('WORK_COMPLETE', 'H:test:1', 'r')
    expect(seen.at(-1)).toMatchObject({
      name: 'jobDropped',
      handle: 'H:test:1',
      reason: 'cancelled',
    })
    expect(server.stats()).toMatchObject({ running: 0, totals: { cancelled: 2, completed: 0 } })
  })
})

describe('what is refused', () => {
  test('a submission is rejected with a reason, and is not accepted', () => {
    const server = new TestServer()
    const seen = record(server)
    const client = server.connect()
    client.play('SUBMIT_JOB_BG', 'f', '', 'x')
    client.say('maxqueue f 1')
    client.play('SUBMIT_JOB_HIGH', 'f', 'u', 'four')
    server.submissions.isClosed = true
    client.play('SUBMIT_JOB_BG', 'f', '', 'x')
    const { handle: _, ...job } = JOB
    expect(seen.slice(1)).toMatchObject([
      { name: 'jobRejected', ...job, priority: 0, client: CLIENT, reason: 'queue-full' },
      { name: 'jobRejected', background: true, reason: 'shutting-down' },
    ])
    expect(statsOf(server)?.totals).toMatchObject({
      accepted: { foreground: 0, background: 1 },
      rejected: { 'queue-full': 1, 'shutting-down': 1, 'not-stored': 0 },
    })
    expect(server.stats().refused).toEqual({})
  })

  test('a bad packet is told and counted with its code', () => {
    const server = new TestServer()
    const seen = record(server)
    const peer = server.connect()
    peer.play('SUBMIT_JOB', 'f')
    peer.play('WORK_COMPLETE', 'H:test:9', '')
    peer.play(999)
    expect(seen).toEqual([
      {
        name: 'requestRefused',
        ...CLIENT,
        code: 'INVALID_PACKET',
        text: 'An argument of the packet is missing',
      },
      expect.objectContaining({ code: 'JOB_NOT_FOUND' }),
      expect.objectContaining({ code: 'INVALID_COMMAND' }),
    ])
    expect(server.stats().refused).toEqual({
      INVALID_PACKET: 1,
      JOB_NOT_FOUND: 1,
      INVALID_COMMAND: 1,
    })
  })
})

describe('with a store', () => {
  test('a job is accepted when the store has it, and is none when the store refuses it', async () => {
    const store = new HandStore()
    const server = new TestServer({ store })
    const seen = record(server)
    const client = server.connect()
    client.play('SUBMIT_JOB_BG', 'f', 'u', 'four')
    client.play('SUBMIT_JOB_BG', 'f', 'u', 'four')
    expect(server.stats()).toMatchObject({ storing: 1, queued: 0 })
    await turn()
    await store.succeed()
    client.play('SUBMIT_JOB_BG', 'f', 'v', 'x')
    await turn()
    await store.fail()
    expect(seen).toMatchObject([
      { name: 'jobAccepted', handle: 'H:test:1' },
      { name: 'jobCoalesced', handle: 'H:test:1' },
      { name: 'jobRejected', unique: 'v', background: true, reason: 'not-stored' },
    ])
    expect(server.stats()).toMatchObject({
      storing: 0,
      queued: 1,
      totals: { accepted: { background: 1 }, rejected: { 'not-stored': 1 } },
    })
  })

  test('a job that is cancelled on its way to the store is accepted, then dropped', async () => {
    const store = new HandStore()
    const server = new TestServer({ store })
    const seen = record(server)
    const client = server.connect()
    client.play('SUBMIT_JOB_BG', 'f', '', 'x')
    client.say('cancel job H:test:1')
    expect(seen).toEqual([])
    await turn()
    await store.succeed()
    expect(seen).toMatchObject([
      { name: 'jobAccepted' },
      { name: 'jobDropped', reason: 'cancelled' },
    ])
  })
})

describe('jobs that the store had kept', () => {
  test('are counted apart, and forgotten with a start that failed', () => {
    const server = new TestServer()
    const seen = record(server)
    const submission = {
      queue: server.table.openFunction('f'),
      unique: '',
      reducer: '',
      priority: 1,
      isBackground: true,
      runAtSeconds: 0,
      body: Buffer.from('x'),
      dataStart: 0,
      dataEnd: 0,
    } as const
    const payload = { bytes: submission.body, offset: 0, length: 1 }
    const past = { acceptedAtMs: server.clock.nowMs() - 60_000, retries: 1 }
    server.table.restore(7, submission, payload, past)
    expect(seen).toEqual([])
    expect(statsOf(server)).toMatchObject({
      queued: 1,
      totals: { restored: 1, accepted: { background: 0 } },
    })
    server.table.forgetAll()
    expect(statsOf(server)).toMatchObject({ queued: 0, totals: { restored: 0 } })
  })
})

describe('counters', () => {
  test('of a dropped function stay in the totals of the server', () => {
    const server = new TestServer()
    const client = server.connect()
    client.play('SUBMIT_JOB_BG', 'f', '', 'x')
    client.say('drop function f')
    expect(server.stats()).toMatchObject({
      functions: [],
      totals: { accepted: { background: 1 }, cancelled: 1 },
    })
    client.play('SUBMIT_JOB_BG', 'f', '', 'x')
    expect(statsOf(server)?.totals).toMatchObject({ accepted: { background: 1 }, cancelled: 0 })
  })

  test('need no memory for a function that has had no job', () => {
    const server = new TestServer()
    server.worker('idle')
    expect(server.table.functions.get('idle')?.counters).toBeUndefined()
    expect(statsOf(server, 'idle')).toMatchObject({
      workers: 1,
      totals: { accepted: { foreground: 0, background: 0 } },
      waitTime: { count: 0 },
    })
  })

  test('tell connections and what they can do', () => {
    const server = new TestServer()
    server.connect()
    server.worker()
    expect(server.stats().connections).toEqual({ open: 2, workers: 1, total: 2 })
  })
})
