import { describe, expect, test } from 'vitest'
import {
  EncodingError,
  GearmanErrorCode,
  JOB_COMPLETE,
  JOB_FAILED,
  JobExceptionError,
  JobFailedError,
  JobTimeoutError,
  type JobUpdate,
  JSONDataEncoder,
} from '../../../src/index.ts'
import { describeBackends } from '../../helpers/backends.ts'
import { newTask, rejectionOf, runOut, useClient, useWorker } from '../../helpers/fixtures.ts'
import { failOnLeaks } from '../../helpers/leaks.ts'
import type { TestJob } from '../../helpers/test-worker.ts'

/** Sends some of everything before the result. */
function chatter(job: TestJob): string {
  job.send('WORK_DATA', 'one')
  job.send('WORK_WARNING', 'careful')
  job.send('WORK_STATUS', '1', '2')
  job.send('WORK_DATA', 'two')
  return 'end'
}

const CHATTER = ['data one', 'warning careful', 'status 1/2', 'data two', 'result end']

function show(update: JobUpdate): string {
  if (update.type === 'status') return `status ${update.numerator}/${update.denominator}`
  return `${update.type} ${update.data}`
}

describeBackends('results', (backend) => {
  failOnLeaks()

  describe('do', () => {
    test('gives the result itself', async () => {
      const task = newTask()
      await useWorker(backend, { [task]: ({ data }) => data })
      expect(await useClient(backend).do(task, 'abc')).toEqual(Buffer.from('abc'))
    })

    test('runs many at once over one connection, each with its own result', async () => {
      const task = newTask()
      await useWorker(backend, { [task]: ({ data }) => data })
      const client = useClient(backend)
      const numbers = Array.from({ length: 500 }, (_, index) => String(index))
      const results = await Promise.all(numbers.map((data) => client.do(task, data)))
      expect(results.map(String)).toEqual(numbers)
    })

    test('rejects with JobFailedError when the job failed', async () => {
      const task = newTask()
      await useWorker(backend, { [task]: (job) => void job.send('WORK_FAIL') })
      const error = await rejectionOf(useClient(backend).do(task, 'x', { unique: 'u' }))
      expect(error).toBeInstanceOf(JobFailedError)
      expect(error).toMatchObject({
        code: GearmanErrorCode.JobFailed,
        task,
        unique: 'u',
        handle: expect.stringMatching(/^H:/),
      })
    })

    test('rejects with JobExceptionError, which carries the exception', async () => {
      const task = newTask()
      await useWorker(backend, { [task]: (job) => void job.send('WORK_EXCEPTION', 'too bad') })
      const error = await rejectionOf(useClient(backend).do(task, 'x'))
      expect(error).toBeInstanceOf(JobExceptionError)
      expect(error).toMatchObject({ exception: 'too bad', task })
      expect(error.message).toContain('too bad')
    })

    test('rejects with JobTimeoutError when the time runs out', async () => {
      const task = newTask()
      const client = useClient(backend)
      const error = await rejectionOf(runOut(client, 500, (limits) => client.do(task, 'x', limits)))
      expect(error).toBeInstanceOf(JobTimeoutError)
      expect(error).toMatchObject({ task, handle: expect.stringMatching(/^H:/) })
    })

    test('rejects with EncodingError when the result cannot be decoded', async () => {
      const task = newTask()
      await useWorker(backend, { [task]: () => '{broken' })
      const client = useClient(backend, { dataEncoder: JSONDataEncoder })
      expect(await rejectionOf(client.do(task, 'x'))).toBeInstanceOf(EncodingError)
      const [request] = await client.submitMultipleJobs([{ task, data: 'x' }])
      expect(request).toMatchObject({ state: JOB_FAILED, complete: true })
      expect(request?.error).toBeInstanceOf(EncodingError)
    })
  })

  describe('stream', () => {
    test('gives updates as they come, the result last, and returns the result', async () => {
      const task = newTask()
      await useWorker(backend, { [task]: chatter })
      const stream = useClient(backend).stream(task, undefined)
      const seen: string[] = []
      let step = await stream.next()
      while (step.done !== true) {
        seen.push(show(step.value))
        step = await stream.next()
      }
      expect(seen).toEqual(CHATTER)
      expect(String(step.value)).toBe('end')
    })

    test('gives an update before the job is done', async () => {
      const task = newTask()
      const worker = await useWorker(backend, { [task]: () => undefined })
      const stream = useClient(backend).stream(task, undefined)
      const first = stream.next()
      const job = await worker.nextJob()
      job.send('WORK_DATA', 'early')
      expect(await first).toMatchObject({ value: { type: 'data', data: Buffer.from('early') } })
      job.send('WORK_COMPLETE', '')
      expect(await stream.next()).toMatchObject({ value: { type: 'result' } })
      expect(await stream.next()).toMatchObject({ done: true })
    })

    test('throws after the updates when the job failed', async () => {
      const task = newTask()
      await useWorker(backend, {
        [task]: (job) => {
          job.send('WORK_DATA', 'one')
          job.send('WORK_FAIL')
          return undefined
        },
      })
      const seen: string[] = []
      const all = async (): Promise<void> => {
        for await (const update of useClient(backend).stream(task, undefined)) {
          seen.push(show(update))
        }
      }
      expect(await rejectionOf(all())).toBeInstanceOf(JobFailedError)
      expect(seen).toEqual(['data one'])
    })

    test('throws JobTimeoutError when the time runs out', async () => {
      const task = newTask()
      const client = useClient(backend)
      const step = runOut(client, 500, (limits) => client.stream(task, undefined, limits).next())
      expect(await rejectionOf(step)).toBeInstanceOf(JobTimeoutError)
    })

    test('that is left early does not cancel the job', async () => {
      const task = newTask()
      const worker = await useWorker(backend, { [task]: () => undefined })
      const client = useClient(backend)
      const left = (async () => {
        for await (const update of client.stream(task, 'x')) return show(update)
        return undefined
      })()
      const job = await worker.nextJob()
      job.send('WORK_DATA', 'one')
      expect(await left).toBe('data one')
      job.send('WORK_DATA', 'two')
      job.send('WORK_COMPLETE', '')
      await worker.sync()
      expect(worker.errors).toEqual([])
    })
  })

  describe('an iterated request', () => {
    test('gives what came before and what comes, and fills no updates', async () => {
      const task = newTask()
      const client = useClient(backend)
      const worker = await useWorker(backend, { [task]: () => undefined })
      const request = await client.submitJob(task, 'x', { waitUntilComplete: false })
      const job = await worker.nextJob()
      job.send('WORK_DATA', 'one')
      job.send('WORK_STATUS', '1', '2')
      await worker.sync()
      await client.getJobStatus(request)
      expect(request.dataUpdates.map(String)).toEqual(['one'])
      const seen: string[] = []
      for await (const update of request) {
        seen.push(show(update))
        if (seen.length === 1) {
          job.send('WORK_WARNING', 'careful')
          job.send('WORK_COMPLETE', 'end')
        }
      }
      expect(seen).toEqual(['data one', 'warning careful', 'result end'])
      expect(request.dataUpdates).toEqual([])
      expect(request.warningUpdates).toEqual([])
      expect(request.state).toBe(JOB_COMPLETE)
    })

    test('that has ended already gives its result', async () => {
      const task = newTask()
      await useWorker(backend, { [task]: chatter })
      const request = await useClient(backend).submitJob(task, 'x')
      const seen: string[] = []
      for await (const update of request) seen.push(show(update))
      expect(seen).toEqual(['data one', 'data two', 'warning careful', 'result end'])
    })

    test('throws when it ended badly', async () => {
      const task = newTask()
      await useWorker(backend, { [task]: (job) => void job.send('WORK_EXCEPTION', 'too bad') })
      const request = await useClient(backend).submitJob(task, 'x')
      const error = await rejectionOf(request[Symbol.asyncIterator]().next())
      expect(error).toBeInstanceOf(JobExceptionError)
    })

    test('in the background ends at once: nothing will come', async () => {
      const request = await useClient(backend).submitJob(newTask(), 'x', { background: true })
      const seen: string[] = []
      for await (const update of request) seen.push(show(update))
      expect(seen).toEqual([])
    })

    test('can be iterated by one loop at a time, and again after that', async () => {
      const task = newTask()
      await useWorker(backend, { [task]: () => 'end' })
      const request = await useClient(backend).submitJob(task, 'x')
      const first = request[Symbol.asyncIterator]()
      await first.next()
      const error = await rejectionOf(request[Symbol.asyncIterator]().next())
      expect(error).toMatchObject({ code: GearmanErrorCode.InvalidClientState })
      await first.return(undefined)
      for await (const update of request) expect(show(update)).toBe('result end')
    })
  })
})
