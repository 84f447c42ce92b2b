/** Stop waiting (AbortSignal), and take a job back (request.cancel()): two different things. */
import { setTimeout as sleep } from 'node:timers/promises'
import { GearmanClient, GearmanWorker } from 'gearman-sdk'
import { useServers } from './shared/servers.ts'

await using servers = await useServers()

await using worker = new GearmanWorker(servers.hostList)
worker.registerTask('greet', (_worker, job) => `Hello, ${job.data}`)

await using client = new GearmanClient(servers.hostList)
await client.ready() // the time below is for the job alone

// A signal ends the wait. The promise rejects with the signal's reason; the job stays where it is.
try {
  await client.do('greet', 'Ada', { unique: 'greet-ada', signal: AbortSignal.timeout(500) })
} catch (error) {
  console.log(`stopped waiting: ${error instanceof Error ? error.name : error}`)
}
const { known } = await client.getJobStatus({ unique: 'greet-ada' })
console.log(`the server still has the job: ${known}`)

// cancel() takes the job out of the queue. Whoever waits for it learns that it failed.
const request = await client.submitJob('greet', 'Bob', { waitUntilComplete: false })
console.log(`taken back: ${await request.cancel()}`)
await client.waitUntilJobsCompleted([request])
console.log(`the request: ${request.state}`)

// A worker's own time limit: `job.signal` aborts, and the job fails at once.
worker.registerTask(
  'nap',
  async (_worker, job) => {
    await sleep(60_000, undefined, { signal: job.signal })
  },
  { timeout: 200 },
)
void worker.work()
const nap = await client.submitJob('nap', '')
console.log(`a nap of a minute: ${nap.state}`)
