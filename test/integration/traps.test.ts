/**
 * What a real gearmand does on the wire that libraries fall over: each trap as it was observed with raw packets,
 * and how this package takes it.
 */

import { describe, expect, test } from 'vitest'
import {
  type GearmanClient,
  GearmanJob,
  GearmanJobRequest,
  InvalidArgumentError,
  JOB_FAILED,
  ServerError,
} from '../../src/index.ts'
import { askServer, describeBackends } from '../helpers/backends.ts'
import { useFakeServer } from '../helpers/fake-server.ts'
import { newTask, rejectionOf, until, useClient, useWorker } from '../helpers/fixtures.ts'
import { failOnLeaks } from '../helpers/leaks.ts'
import { RawPeer } from '../helpers/raw-peer.ts'

/** Everything that the server sent to this client before has been handled when this resolves. */
async function settle(client: GearmanClient): Promise<void> {
  await client.getJobStatus({ unique: 'nobody-has-this' })
}

describeBackends('traps', (backend) => {
  failOnLeaks()

  test('W1: a WORK_FAIL whose handle carries a trailing NUL ends its job', async () => {
    const task = newTask()
    const worker = await useWorker(backend, { [task]: () => undefined })
    // A client that did not ask for exceptions sees it with its own eyes.
    const peer = await RawPeer.connect(backend.port)
    peer.send('SUBMIT_JOB', task, 'u', 'x')
    const [handle] = await peer.expect('JOB_CREATED')
    ;(await worker.nextJob()).send('WORK_EXCEPTION', 'too bad')
    const [failed] = await peer.expect('WORK_FAIL')
    expect([handle, `${handle}\0`]).toContain(failed)
    if (backend.name === 'gearmand') expect(failed).toBe(`${handle}\0`)
    await peer.close()
    // The same bytes, replayed to our client.
    const replay = await useFakeServer([
      async (fake) => {
        await fake.expect('SUBMIT_JOB')
        fake.send('JOB_CREATED', [handle ?? ''])
        fake.send('WORK_FAIL', [failed ?? ''])
      },
    ])
    const request = await useClient(replay.address).submitJob(task, 'x')
    expect(request).toMatchObject({ state: JOB_FAILED, handle })
  })

  test('W2: a WORK_FAIL after a WORK_EXCEPTION is noise, and no reply of anybody', async () => {
    const task = newTask()
    const worker = await useWorker(backend, {
      [task]: (job) => {
        job.send('WORK_EXCEPTION', 'too bad')
        job.send('WORK_FAIL')
        return undefined
      },
    })
    const client = useClient(backend)
    const request = await client.submitJob(task, 'x')
    expect(request).toMatchObject({ state: JOB_FAILED, exception: 'too bad' })
    await worker.sync()
    expect(worker.errors).toEqual([expect.stringMatching(/^JOB_NOT_FOUND/)])
    await settle(client)
    expect(client.connectionList.map(({ state }) => state)).toEqual(['ready'])
  })

  test('W3: cancel job of a running job fails it, and the WORK_COMPLETE that follows is dropped', async () => {
    const task = newTask()
    const worker = await useWorker(backend, { [task]: () => undefined })
    const client = useClient(backend)
    const request = await client.submitJob(task, 'x', { waitUntilComplete: false })
    const job = await worker.nextJob()
    expect(await askServer(backend, `cancel job ${request.handle}`)).toEqual(['OK\r\n'])
    await client.waitUntilJobsCompleted([request])
    expect(request.state).toBe(JOB_FAILED)
    job.send('WORK_COMPLETE', 'late')
    await worker.sync()
    await settle(client)
    expect(request).toMatchObject({ state: JOB_FAILED, result: undefined })
  })

  test('W4: a job whose CAN_DO_TIMEOUT expires is queued again; the first late result counts for nothing', async () => {
    const task = newTask()
    const slow = await RawPeer.connect(backend.port)
    slow.send('CAN_DO_TIMEOUT', task, '1000')
    const client = useClient(backend)
    const request = await client.submitJob(task, 'x', { waitUntilComplete: false })
    slow.send('GRAB_JOB_UNIQ')
    const [handle = ''] = await slow.expect('JOB_ASSIGN_UNIQ')
    expect(handle).toBe(request.handle)
    const second = await useWorker(backend, { [task]: () => undefined })
    const job = await second.nextReturnedJob()
    expect(job.handle).toBe(handle)
    slow.send('WORK_COMPLETE', handle, 'of the first')
    const [code] = await slow.expect('ERROR')
    expect(code).toBe('JOB_NOT_FOUND')
    expect(request.state).toBe('CREATED')
    job.send('WORK_COMPLETE', 'of the second')
    await client.waitUntilJobsCompleted([request])
    expect(String(request.result)).toBe('of the second')
    await slow.close()
  })

  test('W5: CAN_DO_TIMEOUT is decimal text in milliseconds, and what is below 1000 counts as 1000', async () => {
    const task = newTask()
    const peer = await RawPeer.connect(backend.port)
    peer.send('CAN_DO_TIMEOUT', task, '1')
    await useClient(backend).submitJob(task, 'x', { background: true })
    peer.send('GRAB_JOB_UNIQ')
    const started = performance.now()
    const [handle = ''] = await peer.expect('JOB_ASSIGN_UNIQ')
    const second = await useWorker(backend, { [task]: () => '' })
    expect((await second.nextReturnedJob()).handle).toBe(handle)
    expect(performance.now() - started).toBeGreaterThan(900)
    await peer.close()
  })

  test('W6: three GRAB_JOB in a row on one connection give three jobs', async () => {
    const task = newTask()
    const client = useClient(backend)
    const jobs = ['1', '2', '3'].map((data) => ({ task, data }))
    await client.submitMultipleJobs(jobs, { background: true })
    const peer = await RawPeer.connect(backend.port)
    peer.send('CAN_DO', task)
    for (let grab = 0; grab < 3; grab += 1) peer.send('GRAB_JOB')
    for (const { data } of jobs) expect((await peer.expect('JOB_ASSIGN'))[2]).toBe(data)
    await peer.close()
  })

  test('W7: a foreground job whose client is gone is not handed out', async () => {
    const task = newTask()
    const client = useClient(backend)
    const { handle } = await client.submitJob(task, 'gone', { waitUntilComplete: false })
    await client.shutdown()
    // The server may hear of the end of the client later than we do: until then the job is wanted.
    const isWanted = (row: string): boolean => {
      const [name, , isIgnored] = row.split('\t')
      return name === handle && isIgnored === '0'
    }
    await until(async () => !(await askServer(backend, 'show jobs')).some(isWanted))
    const other = useClient(backend)
    await other.submitJob(task, 'here', { background: true })
    const worker = await useWorker(backend, { [task]: () => '' })
    await until(() => worker.jobs.length > 0)
    await worker.sync()
    expect(worker.jobs.map(({ data }) => String(data))).toEqual(['here'])
  })

  test('W8: a background job with a unique id that is queued gets the same handle, and the first payload wins', async () => {
    const task = newTask()
    const client = useClient(backend)
    const options = { unique: 'u', background: true } as const
    const requests = [
      await client.submitJob(task, 'first', options),
      await client.submitJob(task, 'second', options),
    ]
    expect(requests[1]?.handle).toBe(requests[0]?.handle)
    expect(requests.map(({ complete }) => complete)).toEqual([true, true])
    const worker = await useWorker(backend, { [task]: () => '' })
    await worker.nextJob()
    await worker.sync()
    expect(worker.jobs.map(({ data }) => String(data))).toEqual(['first'])
  })

  test.each([65, 80])(
    'W9: a unique id of %i bytes is refused before it is sent; the ERROR without a handle belongs to the oldest submission',
    async (bytes) => {
      const task = newTask()
      const unique = 'u'.repeat(bytes)
      const client = useClient(backend)
      const error = await rejectionOf(client.submitJob(task, 'x', { unique }))
      expect(error).toBeInstanceOf(InvalidArgumentError)
      const peer = await RawPeer.connect(backend.port)
      peer.send('SUBMIT_JOB_BG', task, '', '1')
      peer.send('SUBMIT_JOB_BG', task, unique, '2')
      peer.send('SUBMIT_JOB_BG', task, '', '3')
      await peer.expect('JOB_CREATED')
      expect((await peer.expect('ERROR'))[0]).toBe('ARGUMENT_TOO_LARGE')
      await peer.expect('JOB_CREATED')
      await peer.close()
    },
  )

  test('W10: workers lists every connection, clients too, with the id -', async () => {
    const client = useClient(backend)
    await settle(client)
    const rows = await askServer(backend, 'workers')
    const idle = rows.filter((row) => / - :\s*$/.test(row))
    expect(idle.length).toBeGreaterThanOrEqual(2)
  })

  test('W11: maxqueue for an unknown function says OK and does nothing; afterwards it refuses', async () => {
    const task = newTask()
    const client = useClient(backend)
    expect(await askServer(backend, `maxqueue ${task} 1`)).toEqual(['OK\r\n'])
    const options = { background: true } as const
    await client.submitJob(task, '1', options)
    await client.submitJob(task, '2', options)
    await askServer(backend, `maxqueue ${task} 2`)
    const error = await rejectionOf(client.submitJob(task, '3', options))
    expect(error).toBeInstanceOf(ServerError)
    expect(error).toMatchObject({ serverCode: 'QUEUE_ERROR' })
  })

  test('W12: priorities hold within one function, and nothing is promised across functions', async () => {
    const [one, other] = [newTask(), newTask()]
    const client = useClient(backend)
    await client.submitMultipleJobs(
      [
        { task: one, data: 'low', priority: 'LOW' },
        { task: other, data: 'high', priority: 'HIGH' },
        { task: one, data: 'high', priority: 'HIGH' },
        { task: other, data: 'low', priority: 'LOW' },
      ],
      { background: true },
    )
    const worker = await useWorker(backend, { [one]: () => '', [other]: () => '' })
    await until(() => worker.jobs.length === 4)
    for (const name of [one, other]) {
      const order = worker.jobs.filter(({ task }) => task === name).map(({ data }) => String(data))
      expect(order).toEqual(['high', 'low'])
    }
  })

  test('W13: a unique id of exactly 64 bytes is refused, one of 63 coalesces and leaves the payload alone', async () => {
    const task = newTask()
    const client = useClient(backend)
    const call = client.submitJob(task, 'A', { unique: 'u'.repeat(64), background: true })
    expect(await rejectionOf(call)).toMatchObject({ argument: 'unique' })
    const options = { unique: 'u'.repeat(63), background: true } as const
    const first = await client.submitJob(task, 'A', options)
    const second = await client.submitJob(task, 'B', options)
    expect(second.handle).toBe(first.handle)
    const status = await client.getJobStatus({ unique: options.unique })
    expect(status).toMatchObject({ known: true, unique: options.unique })
    const worker = await useWorker(backend, { [task]: () => '' })
    const job = await worker.nextJob()
    expect(job).toMatchObject({ unique: options.unique })
    expect(String(job.data)).toBe('A')
  })
})

describe('traps of ERROR packets', () => {
  failOnLeaks()

  test('W9: requests of the caller’s own making are checked as well', async () => {
    const server = await useFakeServer([])
    const job = new GearmanJob<unknown>(undefined, undefined, 't', 'u'.repeat(64), 'x')
    const call = useClient(server.address).submitMultipleRequests([new GearmanJobRequest(job)])
    expect(await rejectionOf(call)).toMatchObject({ argument: 'unique' })
    expect(server.connectionCount).toBe(0)
  })
})
