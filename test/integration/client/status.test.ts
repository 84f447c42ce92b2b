import { describe, expect, test } from 'vitest'
import {
  GearmanConnectionManager,
  GearmanErrorCode,
  GearmanJob,
  GearmanJobRequest,
  InvalidArgumentError,
  InvalidClientState,
  JOB_CREATED,
  ServerUnavailable,
} from '../../../src/index.ts'
import { describeBackends } from '../../helpers/backends.ts'
import { newTask, rejectionOf, useClient, useWorker } from '../../helpers/fixtures.ts'
import { findFreePort } from '../../helpers/gearmand.ts'
import { failOnLeaks } from '../../helpers/leaks.ts'

describeBackends('status', (backend) => {
  failOnLeaks()

  test('of a request: queued, running with progress, gone', async () => {
    const task = newTask()
    const client = useClient(backend)
    const request = await client.submitJob(task, 'x', { background: true })
    expect(request.status).toEqual({})
    expect(await client.getJobStatus(request)).toBe(request)
    expect(request.status).toMatchObject({ known: true, running: false, numerator: 0 })
    const worker = await useWorker(backend, { [task]: () => undefined })
    const job = await worker.nextJob()
    job.send('WORK_STATUS', '3', '7')
    await worker.sync()
    await client.getJobStatus(request)
    expect(request.status).toMatchObject({
      handle: request.handle,
      unique: undefined,
      server: backend.address,
      known: true,
      running: true,
      numerator: 3,
      denominator: 7,
    })
    job.send('WORK_COMPLETE', '')
    await worker.sync()
    await client.getJobStatus(request)
    expect(request).toMatchObject({ status: { known: false, running: false }, timedOut: false })
  })

  test('of many requests is asked for at once', async () => {
    const task = newTask()
    const client = useClient(backend)
    const requests = await client.submitMultipleJobs(
      [
        { task, data: '1' },
        { task, data: '2' },
      ],
      { background: true },
    )
    expect(await client.getJobStatuses(requests)).toEqual(requests)
    expect(requests.map(({ status }) => status.handle)).toEqual(
      requests.map(({ handle }) => handle),
    )
    expect(requests.map(({ status }) => status.known)).toEqual([true, true])
    expect(await client.waitUntilJobStatusesReceived(requests)).toEqual(requests)
  })

  test('by handle and server, from another client', async () => {
    const task = newTask()
    const { handle = '' } = await useClient(backend).submitJob(task, 'x', { background: true })
    const status = await useClient(backend).getJobStatus({ handle, server: backend.address })
    expect(status).toMatchObject({ handle, server: backend.address, known: true, running: false })
    expect(status.clients).toBeUndefined()
  })

  test('by unique id, from another client, with the number of those who wait', async () => {
    const task = newTask()
    const unique = newTask()
    const submitter = useClient(backend)
    await submitter.submitJob(task, 'x', { unique, waitUntilComplete: false })
    const status = await useClient(backend).getJobStatus({ unique })
    expect(status).toMatchObject({ unique, handle: undefined, known: true, clients: 1 })
  })

  test('of a job that nobody knows', async () => {
    const client = useClient(backend)
    const status = await client.getJobStatus({ handle: 'H:none:1', server: backend.address })
    expect(status).toMatchObject({ handle: 'H:none:1', known: false, running: false })
    expect(await client.getJobStatus({ unique: newTask() })).toMatchObject({ known: false })
  })

  test('of a request that is built from a connection and a handle, as in Python', async () => {
    const task = newTask()
    const { handle } = await useClient(backend).submitJob(task, 'x', { background: true })
    const client = useClient(backend)
    const job = new GearmanJob(client.connectionList[0], handle, task, undefined, undefined)
    const request = new GearmanJobRequest<unknown>(job)
    request.state = JOB_CREATED
    await client.getJobStatus(request)
    expect(request.status).toMatchObject({ handle, known: true })
  })

  test('by unique id over several servers: the one that knows it wins, a dead one does not matter', async () => {
    const task = newTask()
    const unique = newTask()
    await useClient(backend).submitJob(task, 'x', { unique, background: true })
    const dead = `127.0.0.1:${await findFreePort()}`
    const status = await useClient([dead, backend.address]).getJobStatus({ unique })
    expect(status).toMatchObject({ unique, known: true, server: backend.address })
  })

  describe('bad input', () => {
    test('a request that no server has accepted', async () => {
      const job = new GearmanJob<unknown>(undefined, undefined, newTask(), undefined, 'x')
      const error = await rejectionOf(useClient(backend).getJobStatus(new GearmanJobRequest(job)))
      expect(error).toBeInstanceOf(InvalidClientState)
    })

    test.each([
      ['a server that is none of ours', { handle: 'H:x:1', server: '127.0.0.1:1' }],
      ['an empty handle', { handle: '', server: 'localhost' }],
      ['a handle of 64 bytes', { handle: 'H'.repeat(64), server: 'localhost' }],
      ['a handle with a NUL', { handle: 'H:\0', server: 'localhost' }],
      ['an empty unique id', { unique: '' }],
      ['a unique id of 64 bytes', { unique: 'u'.repeat(64) }],
      ['neither handle nor unique id', {}],
      ['nothing', undefined],
      ['text', 'H:x:1'],
    ])('%s', async (_what, job) => {
      const error = await rejectionOf(useClient(backend).getJobStatus(job as never))
      expect(error).toBeInstanceOf(InvalidArgumentError)
    })

    test('a negative pollTimeout, before anything is asked', async () => {
      const client = useClient(backend)
      const error = await rejectionOf(client.getJobStatus({ unique: 'u' }, { pollTimeout: -1 }))
      expect(error).toBeInstanceOf(InvalidArgumentError)
      expect(client.connectionList.map(({ state }) => state)).toEqual(['idle'])
    })

    test('a connection of another client, or of another role', async () => {
      const client = useClient(backend)
      await using manager = new GearmanConnectionManager(backend.address)
      for (const foreign of [useClient(backend), manager]) {
        const job = new GearmanJob(foreign.connectionList[0], 'H:x:1', 't', undefined, undefined)
        const request = new GearmanJobRequest<unknown>(job)
        request.state = JOB_CREATED
        const error = await rejectionOf(client.getJobStatus(request))
        expect(error).toBeInstanceOf(InvalidArgumentError)
      }
    })
  })

  test('rejects when no server can be reached, naming it', async () => {
    const dead = `127.0.0.1:${await findFreePort()}`
    const client = useClient(dead)
    for (const job of [{ unique: 'u' }, { handle: 'H:x:1', server: dead }]) {
      const error = await rejectionOf(client.getJobStatus(job))
      expect(error).toBeInstanceOf(ServerUnavailable)
      expect(error).toMatchObject({
        code: GearmanErrorCode.ServerUnavailable,
        failures: [{ server: dead, cause: expect.objectContaining({ server: dead }) }],
      })
    }
  })
})
