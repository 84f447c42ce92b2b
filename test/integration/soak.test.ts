import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { GearmanClient, GearmanWorker } from '../../src/index.ts'
import { describeBackends, taskStatus } from '../helpers/backends.ts'
import { newTask } from '../helpers/fixtures.ts'
import { failOnLeaks } from '../helpers/leaks.ts'

const JOBS = 100_000
/** So many jobs take their time on a busy machine. */
const TIMEOUT_MS = 10 * 60_000
/** What a process may keep of jobs that are none of its business any more: 100 bytes each would be too much. */
const FLAT_BYTES = 8 * 1024 * 1024
/** What the bundled server, which lives in this process, may take for a queued job: half of gearmand's 929 bytes. */
const QUEUED_JOB_BYTES = 465

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

function heapBytes(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

describeBackends('a hundred thousand background jobs', (backend) => {
  failOnLeaks()

  test('leave nothing behind once accepted, and each of them runs exactly once', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const task = newTask()
    await using client = new GearmanClient(backend.address)
    await client.submitJob(newTask(), 'connects', { background: true })
    const before = heapBytes()
    const queuedBytes = backend.name === 'the bundled server' ? JOBS * QUEUED_JOB_BYTES : 0

    await submitAll(client, task)
    expect(heapBytes() - before).toBeLessThan(FLAT_BYTES + queuedBytes)
    expect((await taskStatus(backend, task)).jobs).toBe(JOBS)

    const runs = new Uint8Array(JOBS)
    await workOff(backend.address, task, runs)
    expect(runs.every((count) => count === 1)).toBe(true)
    expect(heapBytes() - before).toBeLessThan(FLAT_BYTES)
    // The reports of the last jobs are still on their way when the last one has run.
    const left = async (): Promise<number> => (await taskStatus(backend, task)).jobs
    await expect.poll(left, { timeout: 30_000 }).toBe(0)
  })
})

/** In a function of its own: nothing of it is alive afterwards. */
async function submitAll(client: GearmanClient, task: string): Promise<void> {
  const jobs = Array.from({ length: JOBS }, (_, index) => ({ task, data: String(index) }))
  const requests = await client.submitMultipleJobs(jobs, { background: true })
  expect(requests.every((request) => request.complete)).toBe(true)
  expect(new Set(requests.map(({ handle }) => handle)).size).toBe(JOBS)
}

async function workOff(address: string, task: string, runs: Uint8Array): Promise<void> {
  const worker = new GearmanWorker(address, { concurrency: 50 })
  let left = JOBS
  worker.registerTask(task, (_worker, job) => {
    const index = Number(job.data.toString())
    runs[index] = (runs[index] ?? 0) + 1
    left -= 1
    if (left === 0) void worker.stop()
    return undefined
  })
  await worker.work()
  await worker.shutdown()
}
