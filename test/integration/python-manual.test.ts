/** The client samples of python-gearman's manual, their words in camelCase. */

import { expect, test } from 'vitest'
import {
  DataEncoder,
  GearmanClient,
  GearmanJob,
  GearmanJobRequest,
  JOB_COMPLETE,
  JOB_CREATED,
  JOB_FAILED,
  JOB_UNKNOWN,
  PRIORITY_HIGH,
  PRIORITY_LOW,
  PRIORITY_NONE,
} from '../../src/index.ts'
import { describeBackends } from '../helpers/backends.ts'
import { useFakeServer } from '../helpers/fake-server.ts'
import { newTask, until, useClient, useWorker } from '../helpers/fixtures.ts'
import { findFreePort } from '../helpers/gearmand.ts'
import { failOnLeaks } from '../helpers/leaks.ts'

/** The manual's check_request_status. */
function checkRequestStatus(jobRequest: GearmanJobRequest): string {
  if (jobRequest.complete) {
    return `Job ${jobRequest.unique} finished!  Result: ${jobRequest.state} - ${jobRequest.result}`
  }
  if (jobRequest.timedOut) return `Job ${jobRequest.unique} timed out!`
  if (jobRequest.state === JOB_UNKNOWN) return `Job ${jobRequest.unique} connection failed!`
  return `Job ${jobRequest.unique} goes on`
}

/** The manual's PickleDataEncoder and JSONDataEncoder have this form. */
class JSONDataEncoder extends DataEncoder<unknown> {
  override encode(encodableObject: unknown): Uint8Array {
    return Buffer.from(JSON.stringify(encodableObject))
  }

  override decode(decodableString: Buffer): unknown {
    return JSON.parse(decodableString.toString())
  }
}

class JSONGearmanClient extends GearmanClient {
  override dataEncoder = JSONDataEncoder
}

describeBackends('the Python manual', (backend) => {
  failOnLeaks()

  test('Submitting jobs: submit one and check its state', async () => {
    const task = newTask()
    await useWorker(backend, { [task]: ({ data }) => Buffer.from(data).reverse() })
    await using gmClient = new GearmanClient([backend.address])

    // See gearman/job.py to see attributes on the GearmanJobRequest
    // Defaults to PRIORITY_NONE, background=False (synchronous task), waitUntilComplete=True
    const completedJobRequest = await gmClient.submitJob(task, 'arbitrary binary data')
    expect(checkRequestStatus(completedJobRequest)).toBe(
      `Job ${completedJobRequest.unique} finished!  Result: COMPLETE - atad yranib yrartibra`,
    )

    const neverTaken = newTask()
    const timedOutRequest = await gmClient.submitJob(neverTaken, 'x', { pollTimeout: 20 })
    expect(checkRequestStatus(timedOutRequest)).toMatch(/^Job \w+ timed out!$/)
  })

  test('Submitting jobs: priorities, background, unique', async () => {
    const task = newTask()
    await useWorker(backend, { [task]: ({ data }) => data })
    await using gmClient = new GearmanClient([backend.address])
    const submittedJobRequest = await gmClient.submitJob(task, 'arbitrary binary data', {
      priority: PRIORITY_HIGH,
      background: true,
    })
    expect(checkRequestStatus(submittedJobRequest)).toMatch(/finished! {2}Result: CREATED/)
    for (const priority of [PRIORITY_NONE, PRIORITY_LOW, PRIORITY_HIGH]) {
      const request = await gmClient.submitJob(task, 'x', { priority, unique: 'manual' })
      expect(request).toMatchObject({ state: JOB_COMPLETE, unique: 'manual', priority })
    }
  })

  test('Submitting multiple jobs: without waiting, then waiting with a timeout', async () => {
    const task = newTask()
    await using gmClient = new GearmanClient([backend.address])
    const listOfJobs = [
      { task, data: 'some_arbitrary_string' },
      { task, data: 'another', priority: PRIORITY_HIGH },
    ]
    const submittedRequests = await gmClient.submitMultipleJobs(listOfJobs, {
      background: false,
      waitUntilComplete: false,
    })
    expect(submittedRequests.map(({ state }) => state)).toEqual([JOB_CREATED, JOB_CREATED])

    // Once we know our jobs are accepted, we can do other stuff and wait for results later in the function
    // Similar to multithreading and doing a join except this is all done in a single process
    await useWorker(backend, { [task]: ({ data }) => data })

    // Wait at most 30 seconds before timing out incomplete requests
    const completedRequests = await gmClient.waitUntilJobsCompleted(submittedRequests, {
      pollTimeout: 30_000,
    })
    expect(completedRequests.map(checkRequestStatus)).toEqual([
      `Job ${submittedRequests[0]?.unique} finished!  Result: COMPLETE - some_arbitrary_string`,
      `Job ${submittedRequests[1]?.unique} finished!  Result: COMPLETE - another`,
    ])
  })

  test('Retrying failed jobs: resubmit the failed and wait on for the timed out', async () => {
    const [good, slow, failing] = [newTask(), newTask(), newTask()]
    let failures = 0
    const worker = await useWorker(backend, {
      [good]: ({ data }) => data,
      [slow]: () => undefined,
      [failing]: (job) => {
        failures += 1
        if (failures > 1) return 'at last'
        job.send('WORK_FAIL')
        return undefined
      },
    })
    // Lost with its connection: the first server takes one submission and is gone.
    const lossy = await useFakeServer(
      [
        async (peer) => {
          await peer.expect('SUBMIT_JOB')
          peer.reset()
        },
      ],
      { otherwise: (peer) => peer.reset() },
    )
    await using lossyClient = new GearmanClient([lossy.address, backend.address])
    const [bad] = lossyClient.connectionList
    for (const connection of lossyClient.connectionList) {
      await lossyClient.establishConnection(connection)
    }
    const usual = lossyClient.establishRequestConnection
    lossyClient.establishRequestConnection = () => bad as never
    const failedRequests = await lossyClient.submitMultipleJobs([{ task: good, data: 'again' }])
    lossyClient.establishRequestConnection = usual
    expect(failedRequests.map(checkRequestStatus)).toEqual([
      `Job ${failedRequests[0]?.unique} connection failed!`,
    ])
    // Let's assume our lost job got resubmitted through another server
    const retriedConnectionFailedRequests = await lossyClient.submitMultipleRequests(
      failedRequests,
      { waitUntilComplete: true, pollTimeout: 30_000 },
    )
    expect(retriedConnectionFailedRequests.map(({ state }) => state)).toEqual([JOB_COMPLETE])

    await using gmClient = new GearmanClient([backend.address])
    const requests = await gmClient.submitMultipleJobs(
      [
        { task: slow, data: 'slow' },
        { task: failing, data: 'fails' },
      ],
      { waitUntilComplete: false },
    )
    await gmClient.waitUntilJobsCompleted(requests.slice(1))
    await gmClient.waitUntilJobsCompleted(requests, { pollTimeout: 20 })
    expect(requests.map(({ state }) => state)).toEqual([JOB_CREATED, JOB_FAILED])
    const timedOutRequests = requests.filter(({ timedOut }) => timedOut)
    expect(timedOutRequests).toEqual([requests[0]])
    const failed = requests.filter(({ state }) => state === JOB_FAILED)
    for (const request of failed) request.reset()
    await until(() => worker.jobs.some(({ task }) => task === slow)) // in whichever order they came
    worker.jobs.find(({ task }) => task === slow)?.send('WORK_COMPLETE', 'done after all')
    await gmClient.submitMultipleRequests([...timedOutRequests, ...failed])
    expect(requests.map(({ result }) => String(result))).toEqual(['done after all', 'at last'])
    expect(worker.jobs.filter(({ task }) => task === slow)).toHaveLength(1)
  })

  test('Extending the client: send and receive native objects', async () => {
    const task = newTask()
    await useWorker(backend, { [task]: ({ data }) => data })
    await using myJsonClient = new JSONGearmanClient([backend.address])
    const myDictionary = { foo: 'bar', list: [1, 2], nothing: null }
    const result = await myJsonClient.submitJob(task, myDictionary as never)
    expect(result.result).toEqual(myDictionary)
  })

  test('Types of jobs: the status of a job by connection and handle', async () => {
    const task = newTask()
    const client = useClient(backend)
    const submitted = await client.submitJob(task, 'x', { background: true })
    await using gmClient = new GearmanClient([backend.address])
    const currentConnection = gmClient.connectionList[0]
    const currentJob = new GearmanJob<unknown>(
      currentConnection,
      submitted.handle,
      'None',
      undefined,
      undefined,
    )
    const currentRequest = new GearmanJobRequest(currentJob)
    currentRequest.state = JOB_CREATED
    const status = (await gmClient.getJobStatus(currentRequest)).status
    expect(status).toMatchObject({ handle: submitted.handle, known: true, running: false })
    expect(status.timeReceived).toBeLessThanOrEqual(Date.now())
  })

  test('Extending the client: an own choice of the server', async () => {
    const dead = `127.0.0.1:${await findFreePort()}`
    const task = newTask()
    await useWorker(backend, { [task]: ({ data }) => data })

    class LastServerClient extends GearmanClient {
      override async establishRequestConnection(_currentRequest: GearmanJobRequest) {
        const last = this.connectionList.at(-1)
        if (last === undefined) throw new Error('there is one')
        return await this.establishConnection(last)
      }
    }
    await using gmClient = new LastServerClient([dead, backend.address])
    const request = await gmClient.submitJob(task, 'x')
    expect(request.job.connection).toBe(gmClient.connectionList[1])
    expect(gmClient.connectionList[0]?.state).not.toBe('ready')
  })
})
