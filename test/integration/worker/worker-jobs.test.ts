import { describe, expect, test } from 'vitest'
import { DataEncoder } from '../../../src/encoders/data-encoder.ts'
import { JSONDataEncoder } from '../../../src/encoders/json-data-encoder.ts'
import { StringDataEncoder } from '../../../src/encoders/string-data-encoder.ts'
import {
  EncodingError,
  InvalidArgumentError,
  InvalidWorkerState,
  JobTimeoutError,
} from '../../../src/errors.ts'
import { GearmanWorker } from '../../../src/worker/gearman-worker.ts'
import type { JobAssignment } from '../../../src/worker/job-assignment.ts'
import type { GearmanWorkerJob } from '../../../src/worker/worker-job.ts'
import { describeBackends, taskStatus } from '../../helpers/backends.ts'
import { failOnLeaks } from '../../helpers/leaks.ts'
import type { RawPeer } from '../../helpers/raw-peer.ts'
import {
  collectEvents,
  eventually,
  HeldTask,
  nextEvent,
  ownWorker,
  runJob,
  startWork,
  submit,
  usePeer,
  useWorker,
} from './worker-fixture.ts'

failOnLeaks()

/** A client that wants to know what was thrown. */
async function useCurious(backend: { readonly port: number }): Promise<RawPeer> {
  const peer = await usePeer(backend)
  peer.send('OPTION_REQ', 'exceptions')
  await peer.expect('OPTION_RES')
  return peer
}

describeBackends('a job of a worker', (backend) => {
  test('runs, and its result comes back byte for byte', async () => {
    const worker = useWorker(backend)
    worker.registerTask('bytes', (_worker, job) => Buffer.from(job.data).reverse())
    void startWork(worker)
    const peer = await usePeer(backend)
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index))
    expect(await runJob(peer, 'bytes', bytes)).toBe(Buffer.from(bytes).reverse().toString('latin1'))
    expect(await runJob(peer, 'bytes', '')).toBe('')
    const large = Buffer.alloc(3_000_000, 'ab')
    expect((await runJob(peer, 'bytes', large)).length).toBe(large.length)
  })

  test('has a handle, a task, a unique id, the connection, and no reducer', async () => {
    const worker = useWorker(backend)
    const held = new HeldTask<GearmanWorkerJob>()
    worker.registerTask('held-ü', held.callback)
    void startWork(worker)
    const peer = await usePeer(backend)
    const task = Buffer.from('held-ü').toString('latin1')
    const handle = await submit(peer, task, 'data', { unique: 'u1' })
    await held.untilStarted(1)
    const job = held.job(0)
    expect(job.toDict()).toEqual({
      task: 'held-ü',
      job_handle: handle,
      unique: 'u1',
      data: Buffer.from('data'),
    })
    expect(job.connection?.server).toBe(backend.address)
    expect(job.reducer).toBeUndefined()
    expect(job.signal.aborted).toBe(false)
    held.end()
    await peer.expect('WORK_COMPLETE')
  })

  test('brings the reducer that the client has named', async () => {
    const worker = useWorker(backend)
    worker.registerTask('map', (_worker, job) => `${job.reducer} of ${job.unique}`)
    void startWork(worker)
    const peer = await usePeer(backend)
    peer.send('SUBMIT_REDUCE_JOB', 'map', 'u1', 'sum', '', 'data')
    await peer.expect('JOB_CREATED')
    expect(await peer.expect('WORK_COMPLETE')).toEqual([expect.any(String), 'sum of u1'])
  })

  test('sends data, warnings and status in order, numbers as decimal text', async () => {
    const worker = useWorker(backend)
    worker.registerTask('busy', async (it, job) => {
      await job.sendData('one')
      await it.sendJobData(job, 'two')
      await job.sendWarning('careful')
      await it.sendJobWarning(job, 'more careful')
      await job.sendStatus(1, 3)
      await it.sendJobStatus(job, 0.5, 2)
      await job.sendStatus(1e21, 1e10)
      return 'done'
    })
    void startWork(worker)
    const peer = await usePeer(backend)
    const handle = await submit(peer, 'busy')
    expect(await peer.expect('WORK_DATA')).toEqual([handle, 'one'])
    expect(await peer.expect('WORK_DATA')).toEqual([handle, 'two'])
    expect(await peer.expect('WORK_WARNING')).toEqual([handle, 'careful'])
    expect(await peer.expect('WORK_WARNING')).toEqual([handle, 'more careful'])
    expect(await peer.expect('WORK_STATUS')).toEqual([handle, '1', '3'])
    expect(await peer.expect('WORK_STATUS')).toEqual([handle, '0.5', '2'])
    expect(await peer.expect('WORK_STATUS')).toEqual([
      handle,
      '1000000000000000000000',
      '10000000000',
    ])
    expect(await peer.expect('WORK_COMPLETE')).toEqual([handle, 'done'])
  })

  test('without a result ends with an empty one', async () => {
    const worker = useWorker(backend)
    worker.registerTask('nothing', () => {})
    worker.registerTask('later', async () => {})
    void startWork(worker)
    const peer = await usePeer(backend)
    expect(await runJob(peer, 'nothing')).toBe('')
    expect(await runJob(peer, 'later')).toBe('')
  })

  test('is told of by events', async () => {
    const worker = useWorker(backend)
    const started = collectEvents(worker, 'jobStarted')
    const completed = collectEvents(worker, 'jobCompleted')
    worker.registerTask('echo', (_worker, job) => job.data)
    void startWork(worker)
    const peer = await usePeer(backend)
    await runJob(peer, 'echo')
    expect(started.map(({ job }) => job.task)).toEqual(['echo'])
    expect(completed).toEqual(started)
  })
})

describeBackends('a job that fails', (backend) => {
  const failures: readonly [string, unknown, string][] = [
    ['an Error', new TypeError('no'), 'TypeError: no'],
    ['a string', 'words', 'words'],
    ['nothing', undefined, 'undefined'],
    ['an object', { code: 5 }, '{ code: 5 }'],
  ]

  test.each(failures)(
    'because its callback throws %s ends once, and the worker goes on',
    async (_name, thrown, text) => {
      const worker = useWorker(backend)
      const failed = collectEvents(worker, 'jobFailed')
      const serverErrors = collectEvents(worker, 'serverError')
      worker.registerTask('throw', () => {
        throw thrown
      })
      worker.registerTask('reject', () => Promise.reject(thrown))
      void startWork(worker)
      const peer = await useCurious(backend)
      for (const task of ['throw', 'reject']) {
        const handle = await submit(peer, task)
        expect(await peer.expect('WORK_EXCEPTION')).toEqual([handle, text])
      }
      expect(failed.map(({ job, error }) => [job.task, error])).toEqual([
        ['throw', thrown],
        ['reject', thrown],
      ])
      await worker.stop()
      expect(serverErrors).toEqual([])
    },
  )

  test('without `exceptions` says no more than that', async () => {
    const worker = useWorker(backend, { exceptions: false })
    worker.registerTask('throw', () => {
      throw new Error('secret')
    })
    void startWork(worker)
    const peer = await useCurious(backend)
    const handle = await submit(peer, 'throw')
    expect(await peer.expect('WORK_FAIL')).toEqual([handle])
  })

  test('says what was thrown in the form of the encoder of its task', async () => {
    const worker = useWorker(backend, { dataEncoder: StringDataEncoder })
    const fail = (): never => {
      throw Object.assign(new RangeError('too far'), { code: 'E_FAR' })
    }
    worker.registerTask('text', fail)
    worker.registerTask('json', fail, { dataEncoder: new JSONDataEncoder() })
    void startWork(worker)
    const peer = await useCurious(backend)
    await submit(peer, 'text')
    expect((await peer.expect('WORK_EXCEPTION'))[1]).toBe('RangeError: too far')
    await submit(peer, 'json')
    expect(JSON.parse((await peer.expect('WORK_EXCEPTION'))[1] ?? '')).toEqual({
      name: 'RangeError',
      message: 'too far',
      code: 'E_FAR',
    })
  })

  test('because its data cannot be decoded, or its result not be encoded', async () => {
    const worker = ownWorker(new GearmanWorker([backend.address], { dataEncoder: JSONDataEncoder }))
    const failed = collectEvents(worker, 'jobFailed')
    worker.registerTask('json', (_worker, job) => (job.data === 1 ? 1n : job.data))
    void startWork(worker)
    const peer = await useCurious(backend)
    await submit(peer, 'json', '{not json')
    await peer.expect('WORK_EXCEPTION')
    await submit(peer, 'json', '1')
    await peer.expect('WORK_EXCEPTION')
    expect(await runJob(peer, 'json', '"fine"')).toBe('"fine"')
    expect(failed.map(({ error }) => error)).toEqual([
      expect.any(EncodingError),
      expect.any(EncodingError),
    ])
    expect(failed[0]?.job.data).toEqual(Buffer.from('{not json'))
  })

  test('because an encoder cannot even encode the error', async () => {
    class BadEncoder extends DataEncoder<unknown> {
      encode(): Uint8Array {
        throw new Error('cannot encode')
      }
      decode(bytes: Buffer): unknown {
        return bytes
      }
      override encodeError(): Uint8Array {
        throw new Error('cannot encode that either')
      }
    }
    const worker = useWorker(backend)
    worker.registerTask('bad', () => 'x', { dataEncoder: BadEncoder })
    void startWork(worker)
    const peer = await useCurious(backend)
    const handle = await submit(peer, 'bad')
    expect(await peer.expect('WORK_EXCEPTION')).toEqual([handle, 'Error: cannot encode'])
  })

  test('because it is larger than this worker takes; those behind it are not touched', async () => {
    const worker = useWorker(backend, { maxPacketBytes: 1024, concurrency: 4 })
    const failed = collectEvents(worker, 'jobFailed')
    worker.registerTask('echo', (_worker, job) => job.data)
    void startWork(worker)
    const peer = await useCurious(backend)
    await submit(peer, 'echo', Buffer.alloc(5_000_000))
    expect((await peer.expect('WORK_EXCEPTION'))[1]).toContain('over the limit')
    expect(await runJob(peer, 'echo', 'small')).toBe('small')
    expect(failed).toMatchObject([{ job: { task: 'echo' } }])
    expect(failed[0]?.error).toBeInstanceOf(EncodingError)
  })

  test('by hand ends there: what comes later is not sent', async () => {
    const worker = useWorker(backend)
    const failed = collectEvents(worker, 'jobFailed')
    const serverErrors = collectEvents(worker, 'serverError')
    const refused: unknown[] = []
    const note = (error: unknown): void => {
      refused.push(error)
    }
    worker.registerTask('fail', async (it, job) => {
      await it.sendJobFailure(job)
      await it.sendJobFailure(job).catch(note)
      await it.sendJobData(job, 'late').catch(note)
      return 'late'
    })
    worker.registerTask('except', async (it, job) => {
      await it.sendJobException(job, 'my reason')
      throw new Error('late')
    })
    worker.registerTask('complete', async (it, job) => {
      await it.sendJobComplete(job, 'early')
      await it.sendJobException(job, 'late').catch(note)
      return 'late'
    })
    void startWork(worker)
    const peer = await useCurious(backend)
    const handle = await submit(peer, 'fail')
    expect(await peer.expect('WORK_FAIL')).toEqual([handle])
    await submit(peer, 'except')
    expect((await peer.expect('WORK_EXCEPTION'))[1]).toBe('my reason')
    expect(await runJob(peer, 'complete')).toBe('early')
    await worker.stop()
    expect(refused).toHaveLength(3)
    expect(refused.every((error) => error instanceof InvalidWorkerState)).toBe(true)
    expect(failed.map(({ job, error }) => [job.task, error])).toEqual([
      ['fail', undefined],
      ['except', undefined],
    ])
    expect(serverErrors).toEqual([])
    expect(await peer.sync()).toEqual([])
  })

  test('is not failed by numbers that are none: only that call is refused', async () => {
    const worker = useWorker(backend)
    worker.registerTask('status', async (_worker, job) => {
      const problems = await Promise.all([
        job.sendStatus(Number.NaN, 1).catch((error: unknown) => error),
        job.sendStatus(1, Number.POSITIVE_INFINITY).catch((error: unknown) => error),
        job.sendStatus('1' as unknown as number, 1).catch((error: unknown) => error),
      ])
      return String(problems.every((error) => error instanceof InvalidArgumentError))
    })
    void startWork(worker)
    expect(await runJob(await usePeer(backend), 'status')).toBe('true')
  })
})

describeBackends('the time limit of a task', (backend) => {
  test('aborts the signal and fails the job at once; the place stays taken until the callback ends', async () => {
    const worker = useWorker(backend)
    const held = new HeldTask<GearmanWorkerJob>()
    worker.registerTask('slow', held.callback, { timeout: 200 })
    worker.registerTask('next', () => 'next')
    void startWork(worker)
    const peer = await useCurious(backend)
    const overrun = nextEvent(worker, 'overrun')
    await submit(peer, 'slow')
    await held.untilStarted(1)
    // Somebody else's: on a busy machine the first one's exception comes before its JOB_CREATED.
    const other = await usePeer(backend)
    const handle = await submit(other, 'next')
    expect((await peer.expect('WORK_EXCEPTION'))[1]).toContain('JobTimeoutError')
    expect(await overrun).toMatchObject({ job: { task: 'slow' }, timeout: 200 })
    const { signal } = held.job(0)
    expect(signal.reason).toBeInstanceOf(JobTimeoutError)
    expect((await taskStatus(backend, 'next')).running).toBe(0)
    const dropped = nextEvent(worker, 'resultDropped')
    held.end('late')
    expect(await other.expect('WORK_COMPLETE')).toEqual([handle, 'next'])
    expect((await dropped).reason).toBe(signal.reason)
  })

  test('lets a callback that heeds the signal end in silence', async () => {
    const worker = useWorker(backend)
    const overruns = collectEvents(worker, 'overrun')
    const failed = collectEvents(worker, 'jobFailed')
    worker.registerTask(
      'slow',
      (_worker, job) =>
        new Promise<string>((_resolve, reject) => {
          job.signal.addEventListener('abort', () => reject(job.signal.reason))
        }),
      { timeout: 20 },
    )
    worker.registerTask('next', () => 'next')
    void startWork(worker)
    const peer = await useCurious(backend)
    await submit(peer, 'slow')
    await peer.expect('WORK_EXCEPTION')
    expect(await runJob(peer, 'next')).toBe('next')
    expect(overruns).toEqual([])
    expect(failed).toHaveLength(1)
  })

  test('at the server gives the job to another worker, and the late result is refused (W4, W5)', async () => {
    const first = useWorker(backend)
    const held = new HeldTask<GearmanWorkerJob>()
    first.registerTask('timed', held.callback, { serverTimeout: 1000 })
    void startWork(first)
    const peer = await usePeer(backend)
    await submit(peer, 'timed', 'x')
    await held.untilStarted(1)
    const second = useWorker(backend)
    second.registerTask('timed', () => 'second')
    void startWork(second)
    expect((await peer.expect('WORK_COMPLETE'))[1]).toBe('second')
    const refused = nextEvent(first, 'serverError')
    held.end('first')
    expect((await refused).error.serverCode).toBe('JOB_NOT_FOUND')
    expect(await runJob(peer, 'timed')).toBeDefined()
  })

  test('at the server leaves no timer behind that breaks it', async () => {
    const worker = useWorker(backend, { concurrency: 4 })
    worker.registerTask('timed', () => 'quick', { serverTimeout: 1000 })
    void startWork(worker)
    const peer = await usePeer(backend)
    expect(await runJob(peer, 'timed')).toBe('quick')
    await new Promise((resolve) => {
      setTimeout(resolve, 1500) // the time that gearmand's own timer needs
    })
    for (let index = 0; index < 3; index += 1) expect(await runJob(peer, 'timed')).toBe('quick')
    expect((await peer.command('prioritystatus')).length).toBeGreaterThan(0)
  })
})

describeBackends('what a subclass replaces', (backend) => {
  test('sees each job, its result and its failure', async () => {
    const seen: string[] = []
    class LoggingWorker extends GearmanWorker {
      override createJob(assignment: JobAssignment): GearmanWorkerJob {
        seen.push(`create ${assignment.task}`)
        return super.createJob(assignment)
      }
      override onJobExecute(job: GearmanWorkerJob): unknown {
        seen.push(`execute ${job.task}`)
        return super.onJobExecute(job)
      }
      override onJobComplete(job: GearmanWorkerJob, result: string): unknown {
        seen.push(`complete ${job.task}`)
        return super.sendJobComplete(job, `${result}!`)
      }
      override onJobException(job: GearmanWorkerJob, error: unknown): unknown {
        seen.push(`exception ${job.task} ${error}`)
        return super.onJobException(job, error)
      }
    }
    const worker = ownWorker(new LoggingWorker([backend.address]))
    worker.registerTask('echo', (_worker, job) => job.data.toString())
    worker.registerTask('throw', async () => {
      throw new Error('no')
    })
    void startWork(worker)
    const peer = await useCurious(backend)
    expect(await runJob(peer, 'echo', 'hello')).toBe('hello!')
    await submit(peer, 'throw')
    await peer.expect('WORK_EXCEPTION')
    expect(seen).toEqual([
      'create echo',
      'execute echo',
      'complete echo',
      'create throw',
      'execute throw',
      'exception throw Error: no',
    ])
  })

  test('may keep the last word: a job that is not ended stays with the worker until somebody ends it', async () => {
    const unfinished: GearmanWorkerJob[] = []
    class SilentWorker extends GearmanWorker {
      override onJobComplete(job: GearmanWorkerJob): unknown {
        unfinished.push(job)
        return false
      }
    }
    const worker = ownWorker(new SilentWorker([backend.address]))
    worker.registerTask('echo', () => 'unsent')
    void startWork(worker)
    const peer = await usePeer(backend)
    const handles = [await submit(peer, 'echo'), await submit(peer, 'echo')]
    await eventually(() => unfinished.length, 2)
    for (const job of unfinished) await worker.sendJobComplete(job, 'by hand')
    expect(await peer.expect('WORK_COMPLETE')).toEqual([handles[0], 'by hand'])
    expect(await peer.expect('WORK_COMPLETE')).toEqual([handles[1], 'by hand'])
  })

  test('fails the job when it throws itself', async () => {
    class BrokenWorker extends GearmanWorker {
      override createJob(assignment: JobAssignment): GearmanWorkerJob {
        if (assignment.task === 'no-job') return {} as GearmanWorkerJob
        return super.createJob(assignment)
      }
      override onJobExecute(job: GearmanWorkerJob): unknown {
        if (job.task === 'execute') throw new Error('broken onJobExecute')
        return super.onJobExecute(job)
      }
      override async onJobComplete(job: GearmanWorkerJob, result: unknown): Promise<unknown> {
        if (job.task === 'complete') throw new Error('broken onJobComplete')
        return super.onJobComplete(job, result)
      }
      override onJobException(job: GearmanWorkerJob, error: unknown): unknown {
        if (job.task === 'exception') throw new Error('broken onJobException')
        return super.onJobException(job, error)
      }
    }
    const worker = ownWorker(new BrokenWorker([backend.address]))
    for (const task of ['no-job', 'execute', 'complete', 'fine']) {
      worker.registerTask(task, () => 'x')
    }
    worker.registerTask('exception', () => {
      throw new Error('the real reason')
    })
    void startWork(worker)
    const peer = await useCurious(backend)
    const reasons: string[] = []
    for (const task of ['no-job', 'execute', 'complete', 'exception']) {
      await submit(peer, task)
      reasons.push((await peer.expect('WORK_EXCEPTION'))[1] ?? '')
    }
    expect(reasons).toEqual([
      expect.stringContaining('GearmanWorkerJob'),
      'Error: broken onJobExecute',
      'Error: broken onJobComplete',
      'Error: the real reason',
    ])
    expect(await runJob(peer, 'fine')).toBe('x')
  })

  test('fails the job also when it rejects, and when the hook for that rejects as well', async () => {
    class BrokenWorker extends GearmanWorker {
      override async onJobExecute(job: GearmanWorkerJob): Promise<unknown> {
        if (job.task === 'execute') throw new Error('broken onJobExecute')
        return super.onJobExecute(job)
      }
      override async onJobException(job: GearmanWorkerJob, error: unknown): Promise<unknown> {
        if (job.task === 'exception') throw new Error('broken onJobException')
        return super.onJobException(job, error)
      }
    }
    const worker = ownWorker(new BrokenWorker([backend.address]))
    const failed = collectEvents(worker, 'jobFailed')
    worker.registerTask('execute', () => 'x')
    worker.registerTask('exception', async () => {
      throw new Error('the real reason')
    })
    worker.registerTask('fine', () => 'x')
    void startWork(worker)
    const peer = await useCurious(backend)
    await submit(peer, 'execute')
    expect((await peer.expect('WORK_EXCEPTION'))[1]).toBe('Error: broken onJobExecute')
    await submit(peer, 'exception')
    expect((await peer.expect('WORK_EXCEPTION'))[1]).toBe('Error: the real reason')
    expect(await runJob(peer, 'fine')).toBe('x')
    expect(failed).toHaveLength(2)
  })

  test('can be the encoder, as in Python; an option and a task go before it', async () => {
    class JSONWorker extends GearmanWorker<object, JSONDataEncoder> {
      override dataEncoder = JSONDataEncoder
    }
    const byProperty = ownWorker(new JSONWorker([backend.address]))
    byProperty.registerTask('json', (_worker, job: GearmanWorkerJob) => ({ got: job.data }))
    byProperty.registerTask('text', (_worker, job: GearmanWorkerJob) => `${job.data}!`, {
      dataEncoder: StringDataEncoder,
    })
    void startWork(byProperty)
    const byOption = ownWorker(
      new JSONWorker([backend.address], { dataEncoder: StringDataEncoder }),
    )
    byOption.registerTask('option', (_worker, job: GearmanWorkerJob) => `${job.data}?`)
    void startWork(byOption)
    const peer = await usePeer(backend)
    expect(await runJob(peer, 'json', '[1]')).toBe('{"got":[1]}')
    expect(await runJob(peer, 'text', '[1]')).toBe('[1]!')
    expect(await runJob(peer, 'option', '[1]')).toBe('[1]?')
  })
})

describe('a worker whose property dataEncoder is none', () => {
  test('refuses to work', async () => {
    class BadWorker extends GearmanWorker {
      override dataEncoder = 'json' as unknown as JSONDataEncoder
    }
    const worker = ownWorker(new BadWorker(['127.0.0.1:1']))
    await expect(worker.work()).rejects.toThrow(InvalidArgumentError)
  })
})

describe('what is no job', () => {
  test('is refused by the methods that take one', () => {
    const worker = new GearmanWorker(['127.0.0.1:1'])
    expect(() => worker.sendJobFailure({} as GearmanWorkerJob)).toThrow(InvalidArgumentError)
  })
})
