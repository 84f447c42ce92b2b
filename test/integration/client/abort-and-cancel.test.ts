import { describe, expect, onTestFinished, test } from 'vitest'
import {
  GearmanErrorCode,
  GearmanJob,
  GearmanJobRequest,
  JOB_COMPLETE,
  JOB_CREATED,
  JOB_FAILED,
  JOB_PENDING,
  JOB_UNKNOWN,
  JobFailedError,
  JobLostError,
} from '../../../src/index.ts'
import { describeBackends, taskStatus } from '../../helpers/backends.ts'
import { useFakeServer } from '../../helpers/fake-server.ts'
import { newTask, rejectionOf, until, useClient, useWorker } from '../../helpers/fixtures.ts'
import { findFreePort } from '../../helpers/gearmand.ts'
import { failOnLeaks } from '../../helpers/leaks.ts'

function newRequest(task: string, background = false): GearmanJobRequest<unknown, Buffer> {
  return new GearmanJobRequest(
    new GearmanJob<unknown>(undefined, undefined, task, undefined, 'x'),
    null,
    background,
  )
}

describeBackends('aborting', (backend) => {
  failOnLeaks()

  test('before the call sends nothing, and rejects with the reason', async () => {
    const task = newTask()
    const client = useClient(backend)
    const reason = new Error('changed my mind')
    const signal = AbortSignal.abort(reason)
    const stream = client.stream(task, 'x', { signal })
    const calls = [
      client.submitJob(task, 'x', { signal }),
      client.submitMultipleJobs([{ task, data: 'x' }], { signal }),
      client.submitMultipleRequests([newRequest(task)], { signal }),
      client.do(task, 'x', { signal }),
      stream.next(),
      client.getJobStatus({ unique: 'u' }, { signal }),
      client.waitUntilJobsAccepted([newRequest(task)], { signal }),
      client.waitUntilJobsCompleted([newRequest(task)], { signal }),
      client.waitUntilJobStatusesReceived([newRequest(task)], { signal }),
    ]
    for (const call of calls) expect(await rejectionOf(call)).toBe(reason)
    expect(client.connectionList.map(({ state }) => state)).toEqual(['idle'])
  })

  test('after the server has accepted the job rejects with the reason, and the job goes on', async () => {
    const task = newTask()
    const client = useClient(backend)
    const controller = new AbortController()
    const request = newRequest(task)
    const call = client.submitMultipleRequests([request], { signal: controller.signal })
    await until(() => request.state === JOB_CREATED)
    controller.abort()
    expect(await rejectionOf(call)).toBe(controller.signal.reason)
    expect(request).toMatchObject({ state: JOB_CREATED, timedOut: false, error: undefined })
    await useWorker(backend, { [task]: () => 'done' })
    await client.waitUntilJobsCompleted([request])
    expect(String(request.result)).toBe('done')
  })

  test('of a stream ends its loop with the reason', async () => {
    const task = newTask()
    const worker = await useWorker(backend, { [task]: () => undefined })
    const controller = new AbortController()
    const stream = useClient(backend).stream(task, 'x', { signal: controller.signal })
    const first = stream.next()
    const job = await worker.nextJob()
    for (const data of ['one', 'two', 'three']) job.send('WORK_DATA', data)
    expect(await first).toMatchObject({ value: { type: 'data' } })
    controller.abort()
    await worker.sync()
    expect(await rejectionOf(stream.next())).toBe(controller.signal.reason)
    expect(await stream.next()).toMatchObject({ done: true })
  })

  test('with one signal for many calls makes no warning and leaves no listener', async () => {
    const task = newTask()
    await useWorker(backend, { [task]: () => '' })
    const warnings: Error[] = []
    const onWarning = (warning: Error): void => void warnings.push(warning)
    process.on('warning', onWarning)
    onTestFinished(() => void process.off('warning', onWarning))
    const { signal } = new AbortController()
    let listeners = 0
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1
      add(...args)
    }
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1
      remove(...args)
    }
    const client = useClient(backend)
    await Promise.all(Array.from({ length: 50 }, () => client.do(task, 'x', { signal })))
    expect(listeners).toBe(0)
    expect(warnings).toEqual([])
  })
})

describe('aborting on the way', () => {
  failOnLeaks()

  test('while the server is dialled sends nothing, not even later', async () => {
    const server = await useFakeServer(
      [
        async (peer) => {
          const option = await peer.expect('OPTION_REQ')
          await aborted
          peer.send('OPTION_RES', option.args)
          const packet = await peer.expect('SUBMIT_JOB')
          expect(packet.args.map(String)).toEqual(['second', expect.any(String), 'x'])
          peer.send('JOB_CREATED', ['H:1'])
          peer.send('WORK_COMPLETE', ['H:1', ''])
        },
      ],
      { autoAnswer: false },
    )
    const controller = new AbortController()
    const client = useClient(server.address)
    const request = newRequest('first')
    const call = client.submitMultipleRequests([request], {
      signal: controller.signal,
      pollTimeout: 60_000,
    })
    controller.abort()
    const aborted = rejectionOf(call)
    expect(await aborted).toBe(controller.signal.reason)
    expect(request).toMatchObject({ state: JOB_UNKNOWN, delivery: 'not-sent', timedOut: false })
    expect(request.error).toBeUndefined()
    await client.do('second', 'x')
    await server.done()
  })

  test('while no server is there rejects at once', async () => {
    const client = useClient(`127.0.0.1:${await findFreePort()}`)
    const controller = new AbortController()
    const call = client.do('t', 'x', { signal: controller.signal, pollTimeout: 60_000 })
    const stream = client.stream('t', 'x', { signal: controller.signal, pollTimeout: 60_000 })
    const step = stream.next()
    controller.abort()
    expect(await rejectionOf(call)).toBe(controller.signal.reason)
    expect(await rejectionOf(step)).toBe(controller.signal.reason)
  })

  test('a job that was sent leaves it sent, and a late acceptance still counts', async () => {
    const server = await useFakeServer([
      async (peer) => {
        await peer.expect('SUBMIT_JOB')
        controller.abort()
        await rejectionOf(call)
        peer.send('JOB_CREATED', ['H:1'])
      },
    ])
    const controller = new AbortController()
    const client = useClient(server.address)
    const request = newRequest('t')
    const call = client.submitMultipleRequests([request], { signal: controller.signal })
    expect(await rejectionOf(call)).toBe(controller.signal.reason)
    expect(request).toMatchObject({ state: JOB_PENDING, delivery: 'unknown', timedOut: false })
    await client.waitUntilJobsAccepted([request])
    expect(request).toMatchObject({ state: JOB_CREATED, delivery: 'accepted', handle: 'H:1' })
  })
})

describeBackends('cancelling', (backend) => {
  failOnLeaks()

  test('a request that was never submitted is refused', async () => {
    const error = await rejectionOf(newRequest('t').cancel())
    expect(error).toMatchObject({ code: GearmanErrorCode.InvalidClientState })
  })

  test('before it was sent takes it back, and the call that waits resolves', async () => {
    const task = newTask()
    const client = useClient(backend)
    const request = newRequest(task)
    const call = client.submitMultipleRequests([request])
    expect(await request.cancel()).toBe(true)
    await call
    expect(request).toMatchObject({ state: JOB_UNKNOWN, delivery: 'not-sent', timedOut: false })
    for (const connection of client.connectionList) await client.establishConnection(connection)
    expect((await taskStatus(backend, task)).jobs).toBe(0)
  })

  test('before it was accepted waits for the handle, then cancels', async () => {
    const task = newTask()
    const client = useClient(backend)
    for (const connection of client.connectionList) await client.establishConnection(connection)
    const request = newRequest(task)
    const call = client.submitMultipleRequests([request])
    expect(request.state).toBe(JOB_PENDING)
    expect(await request.cancel()).toBe(true)
    await call
    expect(request).toMatchObject({ state: JOB_FAILED, complete: true, timedOut: false })
  })

  test('while it is queued makes the server drop it', async () => {
    const task = newTask()
    const client = useClient(backend)
    const request = await client.submitJob(task, 'x', { waitUntilComplete: false })
    expect(await request.cancel()).toBe(true)
    await client.waitUntilJobsCompleted([request])
    expect(request.state).toBe(JOB_FAILED)
    const worker = await useWorker(backend, { [task]: () => '' })
    await worker.sync()
    expect(worker.jobs).toEqual([])
    expect(await request.cancel()).toBe(false)
  })

  test('in the background while it is queued fails the request', async () => {
    const task = newTask()
    const request = await useClient(backend).submitJob(task, 'x', { background: true })
    expect(await request.cancel()).toBe(true)
    expect(request.state).toBe(JOB_FAILED)
    const worker = await useWorker(backend, { [task]: () => '' })
    await worker.sync()
    expect(worker.jobs).toEqual([])
  })

  test('while it runs fails the request; what the worker still sends is dropped', async () => {
    const task = newTask()
    const worker = await useWorker(backend, { [task]: () => undefined })
    const client = useClient(backend)
    const request = newRequest(task)
    const call = client.submitMultipleRequests([request])
    const job = await worker.nextJob()
    await client.waitUntilJobsAccepted([request])
    expect(await request.cancel()).toBe(true)
    await call
    expect(request.state).toBe(JOB_FAILED)
    job.send('WORK_DATA', 'late')
    job.send('WORK_COMPLETE', 'late')
    await worker.sync()
    await client.getJobStatus({ unique: newTask() })
    expect(request).toMatchObject({ state: JOB_FAILED, result: undefined, dataUpdates: [] })
  })

  test('fails everybody who waits for the job', async () => {
    const task = newTask()
    const one = useClient(backend)
    const other = useClient(backend)
    const options = { unique: 'u', waitUntilComplete: false } as const
    const mine = await one.submitJob(task, 'x', options)
    const theirs = await other.submitJob(task, 'x', options)
    expect(await mine.cancel()).toBe(true)
    await other.waitUntilJobsCompleted([theirs])
    expect(theirs.state).toBe(JOB_FAILED)
  })

  test('after it is complete takes nothing back', async () => {
    const task = newTask()
    await useWorker(backend, { [task]: () => 'done' })
    const request = await useClient(backend).submitJob(task, 'x')
    expect(await request.cancel()).toBe(false)
    expect(request).toMatchObject({ state: JOB_COMPLETE, complete: true })
  })

  test('makes do and stream reject', async () => {
    const task = newTask()
    const client = useClient(backend)
    const seen: GearmanJobRequest[] = []
    client.establishRequestConnection = (request) => {
      seen.push(request)
      return Object.getPrototypeOf(client).establishRequestConnection.call(client, request)
    }
    const result = rejectionOf(client.do(task, 'x'))
    await client.waitUntilJobsAccepted(seen)
    await seen[0]?.cancel()
    expect(await result).toBeInstanceOf(JobFailedError)
    const step = rejectionOf(client.stream(task, 'x').next())
    await client.waitUntilJobsAccepted(seen)
    await seen[1]?.cancel()
    expect(await step).toBeInstanceOf(JobFailedError)
  })

  test('makes do reject with JobLostError when nothing was sent', async () => {
    const client = useClient(backend)
    const seen: GearmanJobRequest[] = []
    client.establishRequestConnection = (request) => {
      seen.push(request)
      return new Promise(() => undefined)
    }
    const result = rejectionOf(client.do(newTask(), 'x'))
    expect(await seen[0]?.cancel()).toBe(true)
    expect(await result).toBeInstanceOf(JobLostError)
    expect(await result).toMatchObject({ delivery: 'not-sent' })
  })
})
