import { describe, expect, test } from 'vitest'
import { GearmanConnectionManager } from '../../../src/connection/connection-manager.ts'
import { InvalidArgumentError, InvalidWorkerState } from '../../../src/errors.ts'
import { GearmanWorker } from '../../../src/worker/gearman-worker.ts'
import type { GearmanWorkerJob } from '../../../src/worker/worker-job.ts'
import type { GearmanWorkerOptions } from '../../../src/worker/worker-options.ts'
import { describeBackends, taskStatus } from '../../helpers/backends.ts'
import { useFakeServer } from '../../helpers/fake-server.ts'
import { failOnLeaks } from '../../helpers/leaks.ts'
import {
  collectEvents,
  eventually,
  HeldTask,
  nextEvent,
  ownWorker,
  runJob,
  startWork,
  submit,
  untilRegistered,
  usePeer,
  useWorker,
  workerRows,
} from './worker-fixture.ts'

failOnLeaks()

describeBackends('registering', (backend) => {
  test('a task while the worker sleeps gets the jobs that are queued already', async () => {
    const peer = await usePeer(backend)
    await submit(peer, 'late', 'queued')
    const worker = useWorker(backend)
    worker.registerTask('other', () => 'x')
    void startWork(worker)
    await untilRegistered(backend, 'other')
    worker.registerTask('late', (_worker, job) => job.data)
    expect((await peer.expect('WORK_COMPLETE'))[1]).toBe('queued')
  })

  test('a task again replaces its callback and sends nothing', async () => {
    const worker = useWorker(backend)
    worker.registerTask('twice', () => 'first')
    void startWork(worker)
    const peer = await usePeer(backend)
    expect(await runJob(peer, 'twice')).toBe('first')
    worker.registerTask('twice', () => 'second')
    expect(await runJob(peer, 'twice')).toBe('second')
    expect((await taskStatus(backend, 'twice')).workers).toBe(1)
  })

  test('a task from inside a callback', async () => {
    const worker = useWorker(backend)
    worker.registerTask('outer', (it) => {
      it.registerTask('inner', () => 'inner')
      return 'outer'
    })
    void startWork(worker)
    const peer = await usePeer(backend)
    await submit(peer, 'inner')
    await submit(peer, 'outer')
    expect((await peer.expect('WORK_COMPLETE'))[1]).toBe('outer')
    expect((await peer.expect('WORK_COMPLETE'))[1]).toBe('inner')
  })

  test('ends with unregisterTask, at once or when the last running job has ended', async () => {
    const worker = useWorker(backend, { concurrency: 2 })
    const held = new HeldTask<GearmanWorkerJob>()
    worker.registerTask('held', held.callback)
    worker.registerTask('idle', () => 'x')
    worker.registerTask('other', () => 'other')
    void startWork(worker)
    await untilRegistered(backend, 'idle')
    expect(worker.unregisterTask('idle')).toBe('idle')
    await untilRegistered(backend, 'idle', 0)
    const peer = await usePeer(backend)
    await submit(peer, 'held')
    await held.untilStarted(1)
    worker.unregisterTask('held')
    worker.unregisterTask('unknown')
    expect(await runJob(peer, 'other')).toBe('other')
    expect(await taskStatus(backend, 'held')).toMatchObject({ running: 1, workers: 1 })
    held.end('held')
    expect((await peer.expect('WORK_COMPLETE'))[1]).toBe('held')
    await untilRegistered(backend, 'held', 0)
  })

  test('a job that comes for an unregistered task goes back to the queue, unharmed', async () => {
    const worker = useWorker(backend, { concurrency: 3 })
    const held = new HeldTask<GearmanWorkerJob>()
    worker.registerTask('moves', held.callback)
    void startWork(worker)
    const peer = await usePeer(backend)
    await submit(peer, 'moves', 'one')
    await held.untilStarted(1)
    worker.unregisterTask('moves')
    await submit(peer, 'moves', 'two')
    const heir = useWorker(backend)
    heir.registerTask('moves', (_worker, job) => `${job.data} at the heir's`)
    held.end('first')
    expect((await peer.expect('WORK_COMPLETE'))[1]).toBe('first')
    void startWork(heir)
    expect((await peer.expect('WORK_COMPLETE'))[1]).toBe("two at the heir's")
    expect(held.started).toHaveLength(1)
  })

  test('gives prefetched jobs of an unregistered task back, too', async () => {
    const worker = useWorker(backend, { prefetch: 2 })
    const held = new HeldTask<GearmanWorkerJob>()
    worker.registerTask('spread', held.callback)
    void startWork(worker)
    const peer = await usePeer(backend)
    for (const data of ['one', 'two', 'three']) await submit(peer, 'spread', data)
    await eventually(async () => (await taskStatus(backend, 'spread')).running, 3)
    worker.unregisterTask('spread')
    held.end('first')
    expect((await peer.expect('WORK_COMPLETE'))[1]).toBe('first')
    await eventually(() => taskStatus(backend, 'spread'), { jobs: 2, running: 0, workers: 0 })
    worker.registerTask('spread', (_worker, job) => job.data)
    const results = [await peer.expect('WORK_COMPLETE'), await peer.expect('WORK_COMPLETE')]
    expect(results.map(([, result]) => result).sort()).toEqual(['three', 'two'])
    expect(held.started).toHaveLength(1)
  })

  test('can be undone and done again in one go', async () => {
    const worker = useWorker(backend)
    worker.registerTask('flip', () => 'one')
    void startWork(worker)
    const peer = await usePeer(backend)
    expect(await runJob(peer, 'flip')).toBe('one')
    worker.unregisterTask('flip')
    worker.registerTask('flip', () => 'two')
    expect(await runJob(peer, 'flip')).toBe('two')
    expect((await taskStatus(backend, 'flip')).workers).toBe(1)
  })

  test('a client id shows it to the server, before and while it works', async () => {
    const worker = useWorker(backend, { clientId: 'first-id' })
    worker.registerTask('named', () => 'x')
    void startWork(worker)
    await eventually(() => workerRows(backend), ['first-id : named'])
    expect(worker.setClientId('second-id')).toBe('second-id')
    await eventually(() => workerRows(backend), ['second-id : named'])
  })
})

describeBackends('concurrency', (backend) => {
  test('is one job at a time by default, and as many as it says otherwise, on one connection (W6)', async () => {
    for (const concurrency of [undefined, 3]) {
      const worker = useWorker(backend, { concurrency })
      const held = new HeldTask<GearmanWorkerJob>()
      worker.registerTask('held', held.callback)
      void startWork(worker)
      const peer = await usePeer(backend)
      for (let index = 0; index < 10; index += 1) await submit(peer, 'held')
      for (let ended = 0; ended < 10; ended += 1) {
        await held.untilStarted(Math.min(10, ended + (concurrency ?? 1)))
        held.end()
        await peer.expect('WORK_COMPLETE')
      }
      expect(held.mostRunning).toBe(concurrency ?? 1)
      // A connection that was closed just now may still be in the table.
      await eventually(async () => (await workerRows(backend)).length, 1)
      await worker.stop()
    }
  })

  test('of a task holds within that of the worker, on a connection of its own', async () => {
    const worker = useWorker(backend, { concurrency: 4 })
    const limited = new HeldTask<GearmanWorkerJob>()
    const free = new HeldTask<GearmanWorkerJob>()
    worker.registerTask('limited', limited.callback, { concurrency: 2 })
    worker.registerTask('free', free.callback)
    void startWork(worker)
    const peer = await usePeer(backend)
    for (let index = 0; index < 4; index += 1) await submit(peer, 'limited')
    for (let index = 0; index < 4; index += 1) await submit(peer, 'free')
    await limited.untilStarted(2)
    await free.untilStarted(2)
    await eventually(
      async () => (await workerRows(backend)).map((row) => row.trim()).sort(),
      ['- : free', '- : limited'],
    )
    for (let index = 0; index < 4; index += 1) {
      await limited.untilStarted(index + 1)
      await free.untilStarted(index + 1)
      limited.end()
      free.end()
      await peer.expect('WORK_COMPLETE')
      await peer.expect('WORK_COMPLETE')
    }
    expect(limited.mostRunning).toBe(2)
    expect(free.mostRunning).toBeLessThanOrEqual(4)
    worker.registerTask('limited', limited.callback)
    await eventually(() => workerRows(backend), ['- : limited free'])
  })

  test('of a task counts what still runs from before, whether it was taken back or the worker was stopped', async () => {
    const worker = useWorker(backend, { concurrency: 8 })
    const held = new HeldTask<GearmanWorkerJob>()
    const register = (): string => worker.registerTask('rare', held.callback, { concurrency: 1 })
    register()
    worker.registerTask('other', () => 'other')
    const working = startWork(worker)
    const peer = await usePeer(backend)
    await submit(peer, 'rare', 'one')
    await held.untilStarted(1)
    worker.unregisterTask('rare')
    register()
    await untilRegistered(backend, 'rare', 2)
    await submit(peer, 'rare', 'two')
    expect(await runJob(peer, 'other')).toBe('other')
    expect(held.started).toHaveLength(1)
    held.end()
    await peer.expect('WORK_COMPLETE')
    await held.untilStarted(2)

    await worker.stop({ timeout: 0 })
    await working
    void startWork(worker)
    await worker.ready({ pollTimeout: 30_000 })
    expect(await runJob(peer, 'other')).toBe('other')
    expect(held.started).toHaveLength(2)
    held.end()
    await held.untilStarted(3)
    held.end()
    await peer.expect('WORK_COMPLETE')
    expect(held.mostRunning).toBe(1)
  })

  test('of a task can be changed while it works', async () => {
    const worker = useWorker(backend, { concurrency: 8 })
    const held = new HeldTask<GearmanWorkerJob>()
    worker.registerTask('flexible', held.callback, { concurrency: 1 })
    void startWork(worker)
    const peer = await usePeer(backend)
    for (let index = 0; index < 4; index += 1) await submit(peer, 'flexible')
    await held.untilStarted(1)
    expect(held.running).toBe(1)
    worker.registerTask('flexible', held.callback, { concurrency: 3 })
    await held.untilStarted(3)
    for (let index = 0; index < 4; index += 1) {
      await held.untilStarted(Math.min(4, 3 + index))
      held.end()
      await peer.expect('WORK_COMPLETE')
    }
    expect(held.mostRunning).toBe(3)
  })

  test('works a queue off without losing or doubling a job', async () => {
    const worker = useWorker(backend, { concurrency: 16, prefetch: 4 })
    const seen = new Map<string, number>()
    worker.registerTask('count', async (_worker, job) => {
      const data = job.data.toString()
      seen.set(data, (seen.get(data) ?? 0) + 1)
      for (let turn = data.length % 3; turn > 0; turn -= 1) {
        await new Promise((resolve) => {
          setImmediate(resolve)
        })
      }
    })
    const peer = await usePeer(backend)
    for (let index = 0; index < 2000; index += 1) {
      peer.send('SUBMIT_JOB_BG', 'count', '', 'x'.repeat(index % 5) + index)
    }
    await peer.sync()
    void startWork(worker)
    await eventually(async () => (await taskStatus(backend, 'count')).jobs, 0)
    expect(seen.size).toBe(2000)
    expect([...seen.values()].every((times) => times === 1)).toBe(true)
  })

  test('counts what runs, not what is prefetched', async () => {
    const worker = useWorker(backend, { prefetch: 3 })
    const held = new HeldTask<GearmanWorkerJob>()
    worker.registerTask('held', held.callback)
    void startWork(worker)
    const peer = await usePeer(backend)
    for (let index = 0; index < 6; index += 1) await submit(peer, 'held')
    await eventually(async () => (await taskStatus(backend, 'held')).running, 4)
    for (let index = 0; index < 6; index += 1) {
      await held.untilStarted(index + 1)
      held.end()
      await peer.expect('WORK_COMPLETE')
    }
    expect(held.mostRunning).toBe(1)
  })
})

describeBackends('stopping', (backend) => {
  test('lets a running job end and gives back what had not started', async () => {
    const worker = useWorker(backend, { prefetch: 2 })
    const held = new HeldTask<GearmanWorkerJob>()
    worker.registerTask('held', held.callback)
    const working = startWork(worker)
    const peer = await usePeer(backend)
    const handle = await submit(peer, 'held', 'one')
    await held.untilStarted(1)
    for (const data of ['two', 'three', 'four']) {
      await submit(peer, 'held', data, { isBackground: true })
    }
    await eventually(async () => (await taskStatus(backend, 'held')).running, 3)
    const stopping = worker.stop()
    const stoppingAgain = worker.stop()
    held.end('done')
    await Promise.all([stopping, stoppingAgain, working])
    expect(await peer.expect('WORK_COMPLETE')).toEqual([handle, 'done'])
    expect(held.started).toHaveLength(1)
    await eventually(() => taskStatus(backend, 'held'), { jobs: 3, running: 0, workers: 0 })

    const data: string[] = []
    worker.registerTask('held', async (_worker, job) => {
      data.push(job.data.toString())
      return undefined
    })
    const workingAgain = startWork(worker)
    await eventually(() => [...data].sort(), ['four', 'three', 'two'])
    await worker.stop()
    await workingAgain
  })

  test('aborts what still runs when its time is over; the server gives it to others', async () => {
    const worker = useWorker(backend)
    const lost = collectEvents(worker, 'jobLost')
    const dropped = nextEvent(worker, 'resultDropped')
    const held = new HeldTask<GearmanWorkerJob>()
    worker.registerTask('held', held.callback)
    const working = startWork(worker)
    const peer = await usePeer(backend)
    await submit(peer, 'held')
    await held.untilStarted(1)
    await worker.stop({ timeout: 10 })
    await working
    expect(held.job(0).signal.reason).toBeInstanceOf(InvalidWorkerState)
    expect(lost).toMatchObject([{ job: { task: 'held' } }])
    held.fail(new Error('aborted'))
    expect(await dropped).toMatchObject({ error: { message: 'aborted' } })
    const heir = useWorker(backend)
    heir.registerTask('held', () => 'heir')
    void startWork(heir)
    expect((await peer.expect('WORK_COMPLETE'))[1]).toBe('heir')
  })

  test('sooner than said before: the shortest time holds', async () => {
    const worker = useWorker(backend)
    const held = new HeldTask<GearmanWorkerJob>()
    worker.registerTask('held', held.callback)
    void startWork(worker)
    const peer = await usePeer(backend)
    await submit(peer, 'held', '', { isBackground: true })
    await held.untilStarted(1)
    const patient = worker.stop()
    await worker.stop({ timeout: 0 })
    await patient
    held.end()
    // Nobody else takes it out of the queue for the tests that follow.
    const heir = useWorker(backend)
    heir.registerTask('held', () => undefined)
    void startWork(heir)
    await eventually(async () => (await taskStatus(backend, 'held')).jobs, 0)
  })

  test('by shutdown closes at once, and for good', async () => {
    const worker = useWorker(backend)
    const held = new HeldTask<GearmanWorkerJob>()
    // Of this test alone: its job stays in the queue until the server notices that the client is gone.
    worker.registerTask('left behind', held.callback)
    const working = startWork(worker)
    const peer = await usePeer(backend)
    await submit(peer, 'left behind')
    await held.untilStarted(1)
    await worker.shutdown()
    await working
    expect(held.job(0).signal.aborted).toBe(true)
    await expect(held.job(0).sendData('late')).rejects.toThrow(InvalidWorkerState)
    held.end()
    await expect(worker.work()).rejects.toThrow(InvalidWorkerState)
    await worker.shutdown()
    expect(worker.registerTask('harmless', () => undefined)).toBe('harmless')
    await worker.stop()
  })

  test('by the abort of a signal resolves, with what ran ended', async () => {
    const worker = useWorker(backend)
    const held = new HeldTask<GearmanWorkerJob>()
    worker.registerTask('held', held.callback)
    const controller = new AbortController()
    const working = startWork(worker, { signal: controller.signal })
    const peer = await usePeer(backend)
    await submit(peer, 'held')
    await held.untilStarted(1)
    controller.abort()
    expect(held.job(0).signal.aborted).toBe(false)
    held.end('done')
    await working
    expect((await peer.expect('WORK_COMPLETE'))[1]).toBe('done')
    await worker.work({ signal: controller.signal })
  })

  test('from inside a callback, which is not waited for there', async () => {
    const worker = useWorker(backend)
    worker.registerTask('last', (it) => {
      void it.stop()
      return 'last'
    })
    const working = startWork(worker)
    expect(await runJob(await usePeer(backend), 'last')).toBe('last')
    await working
  })

  test('with `await using`', async () => {
    let working: Promise<void>
    {
      await using worker = useWorker(backend)
      worker.registerTask('x', () => undefined)
      working = startWork(worker)
    }
    await working
  })
})

/** A worker that notes the calls of its hooks, and does what it is told. */
class HookWorker extends GearmanWorker {
  readonly polls: boolean[] = []
  jobs = 0
  onPoll: (any: boolean) => boolean | Promise<boolean> = () => true
  onJob: (count: number) => boolean | Promise<boolean> = () => true

  constructor(address: string) {
    super([address])
    this.registerTask('echo', (_worker, job) => job.data)
    this.registerTask('throw', () => {
      throw new Error('no')
    })
  }

  override afterPoll(any: boolean): boolean | Promise<boolean> {
    this.polls.push(any)
    return this.onPoll(any)
  }

  override afterJob(): boolean | Promise<boolean> {
    this.jobs += 1
    return this.onJob(this.jobs)
  }
}

describeBackends('the hooks of work()', (backend) => {
  test('afterJob is called once for each job, whatever became of it, and stops the worker with false', async () => {
    const worker = ownWorker(new HookWorker(backend.address))
    worker.onJob = async (count) => count < 3
    const working = startWork(worker)
    const peer = await usePeer(backend)
    await runJob(peer, 'echo')
    await submit(peer, 'throw')
    await peer.expect('WORK_FAIL')
    await runJob(peer, 'echo')
    await working
    expect(worker.jobs).toBe(3)
  })

  test('afterPoll(true) follows what came in', async () => {
    const worker = ownWorker(new HookWorker(backend.address))
    const working = startWork(worker)
    await runJob(await usePeer(backend), 'echo')
    await eventually(() => worker.polls.length > 0, true)
    expect(new Set(worker.polls)).toEqual(new Set([true]))
    worker.onPoll = () => false
    // The answer to its grab comes in.
    worker.registerTask('another', () => undefined)
    await working
  })

  test('afterPoll(false) follows each pollTimeout of quiet, and ends nothing by itself', async () => {
    const worker = ownWorker(new HookWorker(backend.address))
    const calls: boolean[] = []
    worker.onPoll = (any) => {
      calls.push(any)
      return calls.filter((call) => !call).length < 3
    }
    await worker.work({ pollTimeout: 20 })
    expect(calls.filter((call) => !call)).toHaveLength(3)
  })

  test('afterPoll is not called while an earlier call has not resolved', async () => {
    const worker = ownWorker(new HookWorker(backend.address))
    let answer: (goOn: boolean) => void = () => undefined
    worker.onPoll = () =>
      new Promise((resolve) => {
        answer = resolve
      })
    const working = startWork(worker, { pollTimeout: 1 })
    const peer = await usePeer(backend)
    for (let index = 0; index < 5; index += 1) await runJob(peer, 'echo')
    expect(worker.polls).toHaveLength(1)
    answer(false)
    await working
  })

  test.each([
    ['afterJob throws', (worker: HookWorker, error: Error) => (worker.onJob = () => raise(error))],
    [
      'afterJob rejects',
      (worker: HookWorker, error: Error) => (worker.onJob = () => Promise.reject(error)),
    ],
    [
      'afterPoll throws',
      (worker: HookWorker, error: Error) => (worker.onPoll = () => raise(error)),
    ],
    [
      'afterPoll rejects',
      (worker: HookWorker, error: Error) => (worker.onPoll = () => Promise.reject(error)),
    ],
  ])('work() rejects with what %s, after the result of the job', async (_name, arrange) => {
    const worker = ownWorker(new HookWorker(backend.address))
    const error = new Error('broken hook')
    const peer = await usePeer(backend)
    peer.send('SUBMIT_JOB', 'echo', '', 'data')
    await peer.expect('JOB_CREATED')
    arrange(worker, error)
    await expect(worker.work()).rejects.toBe(error)
    if (worker.jobs > 0) expect((await peer.expect('WORK_COMPLETE'))[1]).toBe('data')
    else peer.send('RESET_ABILITIES')
    worker.onJob = () => true
    worker.onPoll = () => true
    void startWork(worker)
    await eventually(async () => (await taskStatus(backend, 'echo')).jobs, 0)
  })
})

function raise(error: Error): never {
  throw error
}

describe('a worker', () => {
  test('works once at a time', async () => {
    const server = await useFakeServer([], { otherwise: (peer) => peer.closed })
    const worker = useWorker([server.address])
    const working = startWork(worker)
    await expect(worker.work()).rejects.toThrow(InvalidWorkerState)
    await worker.stop()
    await working
    const workingAgain = startWork(worker)
    await worker.stop()
    await workingAgain
  })

  test('that does not work can be stopped and shut down, more than once', async () => {
    const worker = new GearmanWorker(['127.0.0.1:1'])
    await worker.stop()
    await worker.stop({ timeout: 5 })
    await worker.shutdown()
    await worker.shutdown()
    await worker.stop()
  })

  test('stops while it still connects', async () => {
    const server = await useFakeServer([], { otherwise: (peer) => peer.closed, autoAnswer: false })
    const worker = useWorker([server.address, '127.0.0.1:1'])
    const working = startWork(worker)
    await eventually(() => server.connectionCount, 1)
    await worker.stop()
    await working
  })

  test('without a task connects all the same', async () => {
    const server = await useFakeServer([
      async (peer) => {
        await peer.expect('PRE_SLEEP')
        await peer.closed
      },
    ])
    const worker = useWorker([server.address])
    const ready = nextEvent(worker, 'state')
    void startWork(worker)
    await ready
    await eventually(() => worker.connectionList[0]?.connected, true)
    await worker.stop()
    await server.done()
  })

  test('shares a manager, which it leaves open; work() ends when that is shut down', async () => {
    const server = await useFakeServer([], { otherwise: (peer) => peer.closed })
    const manager = ownWorker(new GearmanConnectionManager([server.address]))
    const first = ownWorker(new GearmanWorker(manager))
    const second = ownWorker(new GearmanWorker(manager, { concurrency: 2 }))
    const working = [startWork(first), startWork(second)]
    await eventually(() => server.connectionCount, 2)
    await first.shutdown()
    await working[0]
    const [connection] = second.connectionList
    await eventually(() => connection?.connected, true)
    await manager.shutdown()
    await working[1]
    await expect(second.work()).rejects.toThrow(InvalidWorkerState)
  })

  test('establishes a connection without taking jobs from it', async () => {
    const server = await useFakeServer([
      async (peer) => {
        await peer.expect('CAN_DO')
        await peer.expect('GRAB_JOB_ALL')
        peer.send('NO_JOB')
        await peer.expect('PRE_SLEEP')
        await peer.closed
      },
    ])
    const worker = useWorker([server.address])
    worker.registerTask('x', () => undefined)
    const [connection] = worker.connectionList
    if (connection === undefined) throw new Error('there is one server')
    await worker.establishConnection(connection)
    expect(server.peers[0]?.received.map(({ name }) => name)).not.toContain('GRAB_JOB_ALL')
    void startWork(worker)
    await eventually(() => server.peers[0]?.received.at(-1)?.name, 'PRE_SLEEP')
    await worker.stop()
    await server.done()
  })

  test.each<[string, GearmanWorkerOptions]>([
    ['concurrency 0', { concurrency: 0 }],
    ['concurrency 1.5', { concurrency: 1.5 }],
    ['prefetch -1', { prefetch: -1 }],
    ['wakeInterval 0', { wakeInterval: 0 }],
    ['a wakeInterval that is no number', { wakeInterval: '1' as never }],
    ['a client id with a space', { clientId: 'a b' }],
    ['a client id of 128 bytes', { clientId: 'x'.repeat(128) }],
    ['an encoder that is none', { dataEncoder: {} as never }],
    ['exceptions that are no boolean', { exceptions: 1 as never }],
    ['an unknown time', { connectTimeout: -1 }],
  ])('refuses %s', (_name, options) => {
    expect(() => new GearmanWorker(['127.0.0.1:1'], options)).toThrow(InvalidArgumentError)
  })

  test('refuses tasks, callbacks, ids and times that are none', async () => {
    const worker = new GearmanWorker(['127.0.0.1:1'])
    const callback = (): undefined => undefined
    const throwing = [
      () => worker.registerTask('', callback),
      () => worker.registerTask('a\0b', callback),
      () => worker.registerTask('x'.repeat(513), callback),
      () => worker.registerTask('x', 5 as never),
      () => worker.registerTask('x', callback, { timeout: -1 }),
      () => worker.registerTask('x', callback, { serverTimeout: 0 }),
      () => worker.registerTask('x', callback, { concurrency: 0 }),
      () => worker.registerTask('x', callback, { dataEncoder: 5 as never }),
      () => worker.registerTask('x', callback, 5 as never),
      () => worker.unregisterTask(''),
      () => worker.setClientId('a\nb'),
      () => worker.setClientId(''),
    ]
    for (const call of throwing) expect(call).toThrow(InvalidArgumentError)
    await expect(worker.work({ pollTimeout: -1 })).rejects.toThrow(InvalidArgumentError)
    await expect(worker.work({ signal: {} as never })).rejects.toThrow(InvalidArgumentError)
    await expect(worker.stop({ timeout: -1 })).rejects.toThrow(InvalidArgumentError)
  })
})
