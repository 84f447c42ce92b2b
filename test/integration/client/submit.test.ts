import { describe, expect, test } from 'vitest'
import {
  GearmanClient,
  GearmanJob,
  GearmanJobRequest,
  JOB_COMPLETE,
  JOB_CREATED,
  JOB_FAILED,
  JOB_PENDING,
  JOB_UNKNOWN,
  PRIORITY_HIGH,
  PRIORITY_LOW,
  ServerError,
} from '../../../src/index.ts'
import { askServer, describeBackends, taskStatus } from '../../helpers/backends.ts'
import {
  newTask,
  rejectionOf,
  runOut,
  until,
  useClient,
  useWorker,
} from '../../helpers/fixtures.ts'
import { failOnLeaks } from '../../helpers/leaks.ts'

const reverse = ({ data }: { readonly data: Buffer }): Buffer => Buffer.from(data).reverse()

describeBackends('submitting', (backend) => {
  failOnLeaks()

  describe('one job', () => {
    test('resolves with its result when the job is done', async () => {
      const task = newTask()
      await useWorker(backend, { [task]: reverse })
      const request = await useClient(backend).submitJob(task, 'abc')
      expect(request).toMatchObject({
        state: JOB_COMPLETE,
        complete: true,
        timedOut: false,
        delivery: 'accepted',
        connectionAttempts: 1,
        exception: undefined,
        error: undefined,
      })
      expect(request.result).toEqual(Buffer.from('cba'))
      expect(request.handle).toMatch(/^H:/)
      expect(request.job).toBe(request.gearmanJob)
      expect(request.job.connection?.server).toBe(backend.address)
      expect(request.unique).toMatch(/^[0-9a-f]{32}$/)
    })

    test('resolves with a failed state when the worker fails it', async () => {
      const task = newTask()
      await useWorker(backend, { [task]: (job) => void job.send('WORK_FAIL') })
      const request = await useClient(backend).submitJob(task, 'abc')
      expect(request).toMatchObject({ state: JOB_FAILED, complete: true, timedOut: false })
      expect(request.error).toBeUndefined()
    })

    test('carries the exception that the worker sent', async () => {
      const task = newTask()
      await useWorker(backend, { [task]: (job) => void job.send('WORK_EXCEPTION', 'too bad') })
      const request = await useClient(backend).submitJob(task, 'abc')
      expect(request).toMatchObject({ state: JOB_FAILED, exception: 'too bad' })
    })

    test('keeps an exception that is no text as bytes', async () => {
      const task = newTask()
      const bytes = Buffer.from([0xff, 0x00, 0xfe])
      await useWorker(backend, { [task]: (job) => void job.send('WORK_EXCEPTION', bytes) })
      const request = await useClient(backend).submitJob(task, 'abc')
      expect(request.exception).toEqual(bytes)
    })

    test('collects data, warnings and the last status', async () => {
      const task = newTask()
      await useWorker(backend, {
        [task]: (job) => {
          job.send('WORK_DATA', 'one')
          job.send('WORK_WARNING', 'careful')
          job.send('WORK_STATUS', '1', '4')
          job.send('WORK_DATA', 'two')
          job.send('WORK_STATUS', '3', '4')
          return 'end'
        },
      })
      const before = Date.now()
      const request = await useClient(backend).submitJob(task, undefined)
      expect(request.dataUpdates.map(String)).toEqual(['one', 'two'])
      expect(request.warningUpdates.map(String)).toEqual(['careful'])
      expect(request.status).toMatchObject({
        handle: request.handle,
        server: backend.address,
        known: true,
        running: true,
        numerator: 3,
        denominator: 4,
      })
      expect(request.status.timeReceived).toBeGreaterThanOrEqual(before)
    })

    test('in the background is complete once it is accepted, and is still in the queue', async () => {
      const task = newTask()
      const request = await useClient(backend).submitJob(task, 'abc', { background: true })
      expect(request).toMatchObject({ state: JOB_CREATED, complete: true, timedOut: false })
      expect((await taskStatus(backend, task)).jobs).toBe(1)
    })

    test('without waitUntilComplete is accepted and not complete, and is awaited later', async () => {
      const task = newTask()
      const client = useClient(backend)
      const request = await client.submitJob(task, 'abc', { waitUntilComplete: false })
      expect(request).toMatchObject({ state: JOB_CREATED, complete: false, timedOut: false })
      await useWorker(backend, { [task]: reverse })
      expect(await client.waitUntilJobsCompleted([request])).toEqual([request])
      expect(String(request.result)).toBe('cba')
    })

    test('times out when it is not done in time, and may still complete afterwards', async () => {
      const task = newTask()
      const client = useClient(backend)
      const request = await runOut(client, 500, (limits) => client.submitJob(task, 'abc', limits))
      expect(request).toMatchObject({ state: JOB_CREATED, complete: false, timedOut: true })
      await useWorker(backend, { [task]: reverse })
      await client.waitUntilJobsCompleted([request])
      expect(request).toMatchObject({ state: JOB_COMPLETE, complete: true, timedOut: false })
    })

    test('with a pollTimeout of 0 is sent all the same and not waited for', async () => {
      const task = newTask()
      const client = useClient(backend)
      for (const connection of client.connectionList) await client.establishConnection(connection)
      const request = await client.submitJob(task, 'abc', { pollTimeout: 0 })
      expect(request.timedOut).toBe(true)
      expect([JOB_PENDING, JOB_CREATED]).toContain(request.state)
      await client.waitUntilJobsAccepted([request])
      expect(request).toMatchObject({ state: JOB_CREATED, timedOut: false })
      expect((await taskStatus(backend, task)).jobs).toBe(1)
    })

    test('with an endless pollTimeout waits until it is done', async () => {
      const task = newTask()
      await useWorker(backend, { [task]: reverse })
      const request = await useClient(backend).submitJob(task, 'abc', {
        pollTimeout: Number.POSITIVE_INFINITY,
      })
      expect(request.state).toBe(JOB_COMPLETE)
    })

    test('with a pollTimeout that no timer takes waits until it is done', async () => {
      const task = newTask()
      await useWorker(backend, { [task]: reverse })
      const request = await useClient(backend).submitJob(task, 'abc', { pollTimeout: 2 ** 40 })
      expect(request.state).toBe(JOB_COMPLETE)
    })

    test('is refused with the words of the server when the queue is full', async () => {
      const task = newTask()
      const client = useClient(backend)
      const first = await client.submitJob(task, '1', { background: true })
      expect(await askServer(backend, `maxqueue ${task} 1`)).toEqual(['OK\r\n'])
      const error = await rejectionOf(client.submitJob(task, '2', { background: true }))
      expect(error).toBeInstanceOf(ServerError)
      expect(error).toMatchObject({ serverCode: 'QUEUE_ERROR', server: backend.address })
      expect(first.state).toBe(JOB_CREATED)
    })
  })

  describe('many jobs', () => {
    test('gives the requests in the order of the jobs, each with options of its own', async () => {
      const task = newTask()
      await useWorker(backend, { [task]: reverse })
      const requests = await useClient(backend).submitMultipleJobs([
        { task, data: '12' },
        { task, data: '34', background: true, unique: 'mine' },
        { task, data: '56', priority: PRIORITY_HIGH },
      ])
      expect(requests.map(({ state }) => state)).toEqual([JOB_COMPLETE, JOB_CREATED, JOB_COMPLETE])
      expect(requests.map(({ result }) => result && String(result))).toEqual([
        '21',
        undefined,
        '65',
      ])
      expect(requests[1]?.unique).toBe('mine')
    })

    test('takes any iterable, an empty one too', async () => {
      const task = newTask()
      await useWorker(backend, { [task]: reverse })
      const client = useClient(backend)
      function* jobs(): Generator<{ task: string; data: string }> {
        for (const data of ['ab', 'cd']) yield { task, data }
      }
      const requests = await client.submitMultipleJobs(jobs())
      expect(requests.map(({ result }) => String(result))).toEqual(['ba', 'dc'])
      expect(await client.submitMultipleJobs([])).toEqual([])
      expect(await client.submitMultipleRequests(new Set<GearmanJobRequest>())).toEqual([])
    })

    test('shares background and maxRetries among those that say nothing', async () => {
      const task = newTask()
      const requests = await useClient(backend).submitMultipleJobs(
        [
          { task, data: '1' },
          { task, data: '2', maxRetries: 5 },
        ],
        { background: true, maxRetries: 2 },
      )
      expect(requests.map(({ background }) => background)).toEqual([true, true])
      expect(requests.map(({ maxConnectionAttempts }) => maxConnectionAttempts)).toEqual([3, 6])
      expect(requests.map(({ state }) => state)).toEqual([JOB_CREATED, JOB_CREATED])
    })

    test('keeps one refusal from the others', async () => {
      const task = newTask()
      const other = newTask()
      const client = useClient(backend)
      await client.submitJob(task, '1', { background: true })
      await askServer(backend, `maxqueue ${task} 1`)
      const requests = await client.submitMultipleJobs(
        [
          { task: other, data: 'a' },
          { task, data: 'b' },
          { task: other, data: 'c' },
        ],
        { background: true },
      )
      expect(requests.map(({ state }) => state)).toEqual([JOB_CREATED, JOB_FAILED, JOB_CREATED])
      expect(requests[1]).toMatchObject({ delivery: 'not-sent', timedOut: false })
      expect(requests[1]?.error).toBeInstanceOf(ServerError)
      expect(requests[0]?.error).toBeUndefined()
      expect((await taskStatus(backend, other)).jobs).toBe(2)
    })

    test('never changes what the caller handed over', async () => {
      const task = newTask()
      const jobs = [Object.freeze({ task, data: Buffer.from('x'), background: true })]
      const options = Object.freeze({ pollTimeout: 10_000 })
      const requests = await useClient(backend).submitMultipleJobs(Object.freeze(jobs), options)
      expect(jobs).toEqual([{ task, data: Buffer.from('x'), background: true }])
      expect(requests[0]?.job.data).toBe(jobs[0]?.data)
    })

    test('gives each job a unique id of its own, also when they share an options object', async () => {
      const task = newTask()
      const client = useClient(backend)
      const options = { background: true } as const
      const first = await client.submitJob(task, '1', options)
      const second = await client.submitJob(task, '2', options)
      expect(first.unique).not.toBe(second.unique)
      expect((await taskStatus(backend, task)).jobs).toBe(2)
    })
  })

  describe('requests', () => {
    test('of the caller’s own making are submitted, and get a unique id when they have none', async () => {
      const task = newTask()
      await useWorker(backend, { [task]: reverse })
      const request = new GearmanJobRequest(
        new GearmanJob(undefined, undefined, task, undefined, 'abc'),
      )
      expect(request.state).toBe(JOB_UNKNOWN)
      await useClient(backend).submitMultipleRequests([request])
      expect(String(request.result)).toBe('cba')
      expect(request.unique).toMatch(/^[0-9a-f]{32}$/)
    })

    test('that are under way are waited for, not sent again', async () => {
      const task = newTask()
      const client = useClient(backend)
      const request = await client.submitJob(task, 'abc', { waitUntilComplete: false })
      await client.waitUntilJobsCompleted([request], { pollTimeout: 20 })
      expect(request.timedOut).toBe(true)
      const worker = await useWorker(backend, { [task]: reverse })
      await client.submitMultipleRequests([request])
      expect(String(request.result)).toBe('cba')
      await worker.sync()
      expect(worker.jobs).toHaveLength(1)
    })

    test('that have ended are left alone', async () => {
      const task = newTask()
      const worker = await useWorker(backend, { [task]: reverse })
      const client = useClient(backend)
      const request = await client.submitJob(task, 'abc')
      await client.submitMultipleRequests([request])
      await worker.sync()
      expect(worker.jobs).toHaveLength(1)
      expect(request.connectionAttempts).toBe(1)
    })

    test('that were reset are sent again and get a new handle', async () => {
      const task = newTask()
      const worker = await useWorker(backend, { [task]: reverse })
      const client = useClient(backend)
      const request = await client.submitJob(task, 'abc')
      const { handle } = request
      request.reset()
      expect(request).toMatchObject({ state: JOB_UNKNOWN, handle: undefined, result: undefined })
      await client.submitMultipleRequests([request])
      expect(String(request.result)).toBe('cba')
      expect(request.handle).not.toBe(handle)
      expect(worker.jobs).toHaveLength(2)
    })

    test('that are named twice in one call are sent once', async () => {
      const task = newTask()
      const worker = await useWorker(backend, { [task]: reverse })
      const client = useClient(backend)
      const request = new GearmanJobRequest(
        new GearmanJob<unknown>(undefined, undefined, task, undefined, 'abc'),
      )
      await client.submitMultipleRequests([request, request])
      await worker.sync()
      expect(worker.jobs).toHaveLength(1)
      expect(request.state).toBe(JOB_COMPLETE)
    })

    test('are waited for by several calls at once', async () => {
      const task = newTask()
      const client = useClient(backend)
      const request = await client.submitJob(task, 'abc', { waitUntilComplete: false })
      const waits = [
        client.waitUntilJobsCompleted([request]),
        client.waitUntilJobsCompleted([request]),
        client.waitUntilJobsCompleted([request], { pollTimeout: 10 }),
      ]
      await waits[2]
      expect(request.timedOut).toBe(true)
      await useWorker(backend, { [task]: reverse })
      await Promise.all(waits)
      expect(request).toMatchObject({ state: JOB_COMPLETE, timedOut: false })
    })
  })

  test('takes jobs in the order of their priorities', async () => {
    const task = newTask()
    const client = useClient(backend)
    await client.submitMultipleJobs(
      [
        { task, data: 'low 1', priority: PRIORITY_LOW },
        { task, data: 'normal 1' },
        { task, data: 'high 1', priority: PRIORITY_HIGH },
        { task, data: 'low 2', priority: PRIORITY_LOW },
        { task, data: 'high 2', priority: PRIORITY_HIGH },
        { task, data: 'normal 2', priority: null },
      ],
      { background: true },
    )
    const worker = await useWorker(backend, { [task]: () => '' })
    await until(() => worker.jobs.length === 6)
    expect(worker.jobs.map(({ data }) => String(data))).toEqual([
      'high 1',
      'high 2',
      'normal 1',
      'normal 2',
      'low 1',
      'low 2',
    ])
  })

  describe('with a unique id', () => {
    test('joins equal jobs of one client, and each gets the result', async () => {
      const task = newTask()
      const client = useClient(backend)
      const first = await client.submitJob(task, 'abc', { unique: 'u', waitUntilComplete: false })
      const second = await client.submitJob(task, 'xyz', { unique: 'u', waitUntilComplete: false })
      expect(second.handle).toBe(first.handle)
      const worker = await useWorker(backend, { [task]: reverse })
      await client.waitUntilJobsCompleted([first, second])
      expect([first, second].map(({ result }) => String(result))).toEqual(['cba', 'cba'])
      expect(worker.jobs).toHaveLength(1)
      expect(worker.jobs[0]?.unique).toBe('u')
    })

    test('joins equal jobs of two clients, and each gets the result', async () => {
      const task = newTask()
      const [one, two] = [useClient(backend), useClient(backend)]
      const first = await one.submitJob(task, 'abc', { unique: 'u', waitUntilComplete: false })
      const second = await two.submitJob(task, 'abc', { unique: 'u', waitUntilComplete: false })
      expect(second.handle).toBe(first.handle)
      const worker = await useWorker(backend, { [task]: reverse })
      await Promise.all([one.waitUntilJobsCompleted([first]), two.waitUntilJobsCompleted([second])])
      expect([first, second].map(({ result }) => String(result))).toEqual(['cba', 'cba'])
      expect(worker.jobs).toHaveLength(1)
    })

    test('of - joins jobs with equal data', async () => {
      const task = newTask()
      const client = useClient(backend)
      const options = { unique: '-', waitUntilComplete: false } as const
      const requests = await Promise.all(
        ['same', 'same', 'other'].map((data) => client.submitJob(task, data, options)),
      )
      const handles = new Set(requests.map(({ handle }) => handle))
      expect(handles.size).toBe(2)
    })

    test('that is empty never joins', async () => {
      const task = newTask()
      const client = useClient(backend)
      const options = { unique: '', background: true } as const
      const requests = await client.submitMultipleJobs([
        { task, data: 'same', ...options },
        { task, data: 'same', ...options },
      ])
      expect(requests[0]?.handle).not.toBe(requests[1]?.handle)
      const worker = await useWorker(backend, { [task]: () => '' })
      expect((await worker.nextJob()).unique).toBe('')
    })

    test('of 63 bytes works, also when they are fewer characters', async () => {
      const task = newTask()
      const client = useClient(backend)
      const unique = `${'ü'.repeat(31)}x`
      await client.submitJob(task, 'abc', { unique, background: true })
      const worker = await useWorker(backend, { [task]: () => '' })
      const job = await worker.nextJob()
      expect(job.unique).toBe(unique)
      expect(String(job.data)).toBe('abc')
    })
  })

  describe('runAt and reducer', () => {
    test('a job of the past is run at once', async () => {
      const task = newTask()
      const worker = await useWorker(backend, { [task]: reverse })
      const request = await useClient(backend).submitJob(task, 'abc', { runAt: new Date(0) })
      expect(request).toMatchObject({ background: true, complete: true, state: JOB_CREATED })
      expect(String((await worker.nextJob()).data)).toBe('abc')
    })

    test('a job of the future is queued and not handed out', async () => {
      const task = newTask()
      const client = useClient(backend)
      const later = await client.submitJob(task, 'later', { runAt: Date.now() + 3_600_000 })
      await client.submitJob(task, 'now', { background: true })
      const worker = await useWorker(backend, { [task]: reverse })
      expect(String((await worker.nextJob()).data)).toBe('now')
      await worker.sync()
      expect(worker.jobs).toHaveLength(1)
      expect((await taskStatus(backend, task)).jobs).toBe(1)
      // The bundled server lives in this process, and would keep its timer.
      expect(await later.cancel()).toBe(true)
    })

    test('a reducer reaches the worker, in the foreground and in the background', async () => {
      const task = newTask()
      const client = useClient(backend)
      const worker = await useWorker(backend, { [task]: reverse })
      const request = await client.submitJob(task, 'abc', { reducer: 'sum-up' })
      expect(String(request.result)).toBe('cba')
      expect(await worker.nextJob()).toMatchObject({ reducer: 'sum-up' })
      await client.submitJob(task, 'def', { reducer: 'sum-up', background: true })
      const job = await worker.nextJob()
      expect(job).toMatchObject({ reducer: 'sum-up', task })
      expect(String(job.data)).toBe('def')
    })
  })

  test('a client without the option exceptions at the server learns of a failure all the same', async () => {
    const task = newTask()
    const worker = await useWorker(backend, { [task]: () => undefined })
    const client = useClient(backend)
    const request = client.submitJob(task, 'abc')
    const job = await worker.nextJob()
    job.send('WORK_EXCEPTION', 'too bad')
    expect(await request).toMatchObject({ state: JOB_FAILED, exception: 'too bad' })
  })

  test('refuses a waitUntilComplete that is neither true nor false, before anything is sent', async () => {
    const client = useClient(backend)
    const options = { waitUntilComplete: 'no' } as never
    const error = await rejectionOf(client.submitJob(newTask(), 'x', options))
    expect(error).toMatchObject({ argument: 'waitUntilComplete' })
    expect(client.connectionList.map(({ state }) => state)).toEqual(['idle'])
  })

  test('works on a client that is used again after everything was quiet', async () => {
    const task = newTask()
    await useWorker(backend, { [task]: reverse })
    await using client = new GearmanClient(backend.address)
    for (const data of ['ab', 'cd', 'ef']) {
      expect(String(await client.do(task, data))).toBe([...data].reverse().join(''))
    }
  })
})
