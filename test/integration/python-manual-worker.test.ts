/** The worker and admin samples of python-gearman's manual, their words in camelCase. */

import { expect, test } from 'vitest'
import {
  DataEncoder,
  GearmanAdminClient,
  GearmanClient,
  GearmanWorker,
  type GearmanWorkerJob,
  JOB_COMPLETE,
  ServerError,
} from '../../src/index.ts'
import { GearmanServer } from '../../src/server/index.ts'
import { describeBackends } from '../helpers/backends.ts'
import { newTask, rejectionOf } from '../helpers/fixtures.ts'
import { failOnLeaks } from '../helpers/leaks.ts'

/** The manual's JSONDataEncoder. */
class JSONDataEncoder extends DataEncoder<unknown> {
  override encode(encodableObject: unknown): Uint8Array {
    return Buffer.from(JSON.stringify(encodableObject))
  }

  override decode(decodableString: Buffer): unknown {
    return JSON.parse(decodableString.toString())
  }
}

/** The manual's DBRollbackJSONWorker: an encoder by property, and work after each poll. */
class DBRollbackJSONWorker extends GearmanWorker<object, JSONDataEncoder> {
  override dataEncoder = JSONDataEncoder
  rollbacks = 0

  override afterPoll(_anyActivity: boolean): boolean {
    // After every poll, let's rollback our DB connections just to be safe
    const continueWorking = true
    this.rollbacks += 1
    return continueWorking
  }
}

describeBackends('the Python manual', (backend) => {
  failOnLeaks()

  test('Worker: send back a reversed version of the data', async () => {
    const reverse = newTask()
    await using gmWorker = new GearmanWorker([backend.address])

    // See gearman/job.py to see attributes on the GearmanJob
    // Send back a reversed version of the 'data' string
    function taskListenerReverse(
      _gearmanWorker: GearmanWorker,
      gearmanJob: GearmanWorkerJob<Buffer>,
    ) {
      return gearmanJob.data.toReversed()
    }

    // gmWorker.setClientId is optional
    gmWorker.setClientId('your_worker_client_id_name')
    gmWorker.registerTask(reverse, taskListenerReverse)

    // Enter our work loop and call gmWorker.afterPoll() after each time we timeout/see socket activity
    const working = gmWorker.work()

    await using gmClient = new GearmanClient([backend.address])
    const jobRequest = await gmClient.submitJob(reverse, 'Hello World!')
    expect(String(jobRequest.result)).toBe('!dlroW olleH')

    await using gmAdminClient = new GearmanAdminClient([backend.address])
    const workersResponse = await gmAdminClient.getWorkers()
    expect(workersResponse).toContainEqual(
      expect.objectContaining({ clientId: 'your_worker_client_id_name', tasks: [reverse] }),
    )
    await gmWorker.stop()
    await working
  })

  test('Worker: send in-flight data and status', async () => {
    const reverse = newTask()
    await using gmWorker = new GearmanWorker([backend.address])

    // The callback can send data and status while it works, and return nothing
    async function taskListenerReverseInflight(
      gearmanWorker: GearmanWorker,
      gearmanJob: GearmanWorkerJob<Buffer>,
    ): Promise<undefined> {
      const reversedData = [...gearmanJob.data.toString()].reverse()
      const totalChars = reversedData.length
      for (const [idx, character] of reversedData.entries()) {
        await gearmanWorker.sendJobData(gearmanJob, character)
        await gearmanWorker.sendJobStatus(gearmanJob, idx + 1, totalChars)
      }
      return undefined
    }

    gmWorker.registerTask(reverse, taskListenerReverseInflight)
    const working = gmWorker.work()
    await using gmClient = new GearmanClient([backend.address])
    const jobRequest = await gmClient.submitJob(reverse, 'abc')
    expect(jobRequest.state).toBe(JOB_COMPLETE)
    expect(jobRequest.dataUpdates.map(String)).toEqual(['c', 'b', 'a'])
    expect(jobRequest.status).toMatchObject({ numerator: 3, denominator: 3, known: true })
    expect(jobRequest.result).toEqual(Buffer.alloc(0))
    await gmWorker.stop()
    await working
  })

  test('Extending the worker: native objects, and afterPoll', async () => {
    const addOne = newTask()
    await using gmWorker = new DBRollbackJSONWorker([backend.address])
    gmWorker.registerTask(addOne, (_gearmanWorker, gearmanJob) => {
      const { value } = gearmanJob.data as { value: number }
      return { value: value + 1 }
    })
    const working = gmWorker.work({ pollTimeout: 1000 })
    await using gmClient = new GearmanClient([backend.address], { dataEncoder: JSONDataEncoder })
    const jobRequest = await gmClient.submitJob(addOne, { value: 1 })
    expect(jobRequest.result).toEqual({ value: 2 })
    expect(gmWorker.rollbacks).toBeGreaterThan(0)
    await gmWorker.stop()
    await working
  })

  test('Admin client: inspect the server and its queues', async () => {
    const taskName = newTask()
    await using gmAdminClient = new GearmanAdminClient([backend.address])

    // Inspect server state
    await gmAdminClient.createFunction(taskName)
    const statusResponse = await gmAdminClient.getStatus()
    const versionResponse = await gmAdminClient.getVersion()
    const workersResponse = await gmAdminClient.getWorkers()
    const responseTime = await gmAdminClient.pingServer()
    expect(statusResponse).toContainEqual({ task: taskName, queued: 0, running: 0, workers: 0 })
    expect(versionResponse).toMatch(/^1\.1\.20/)
    expect(workersResponse.length).toBeGreaterThan(0)
    expect(responseTime).toBeGreaterThan(0)

    // Limit a queue
    await gmAdminClient.sendMaxqueue(taskName, 1)
    await using gmClient = new GearmanClient([backend.address])
    await gmClient.submitJob(taskName, 'x', { background: true })
    const refused = await rejectionOf(gmClient.submitJob(taskName, 'y', { background: true }))
    expect(refused).toBeInstanceOf(ServerError)
    expect(refused).toMatchObject({ serverCode: 'QUEUE_ERROR' })
  })
})

test('the Python manual: shutdown of the server, which gearmand does not have any more', async () => {
  const server = new GearmanServer({ port: 0 })
  const { host, port } = await server.listen()
  const closed = new Promise<void>((resolve) => server.once('closed', () => resolve()))
  await using gmAdminClient = new GearmanAdminClient([`${host}:${port}`])
  await gmAdminClient.sendShutdown()
  await closed
})
