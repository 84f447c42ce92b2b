/** Submit one job, and see what became of it: complete, timed out, or unknown. */
import { setTimeout as sleep } from 'node:timers/promises'
import { GearmanClient, type GearmanJobRequest, GearmanWorker, JOB_UNKNOWN } from 'gearman-sdk'
import { useServers } from './shared/servers.ts'

await using servers = await useServers()

await using worker = new GearmanWorker(servers.hostList)
worker.registerTask('upperCase', (_worker, job) => job.data.toString().toUpperCase())
worker.registerTask('overslept', async (_worker, job) => {
  await sleep(60_000, undefined, { signal: job.signal })
})
void worker.work()

await using client = new GearmanClient(servers.hostList)

// Waits for the result. Normal priority, in the foreground: the defaults.
const completed = await client.submitJob('upperCase', 'arbitrary data', { unique: 'job-1' })
checkRequestStatus(completed)

// Waits for one second at most. The job itself goes on.
const timedOut = await client.submitJob('overslept', '', { unique: 'job-2', pollTimeout: 1000 })
checkRequestStatus(timedOut)

// Nobody listens on port 1. A batch says so in the request; submitJob would reject with `request.error`.
await using lonely = new GearmanClient('127.0.0.1:1')
const unsent = await lonely.submitMultipleJobs([
  { task: 'upperCase', data: 'arbitrary data', unique: 'job-3' },
])
for (const request of unsent) checkRequestStatus(request)

function checkRequestStatus(request: GearmanJobRequest): void {
  if (request.complete) {
    console.log(`Job ${request.unique} finished! Result: ${request.state} - ${request.result}`)
  } else if (request.timedOut) {
    console.log(`Job ${request.unique} timed out!`)
  } else if (request.state === JOB_UNKNOWN) {
    const { unique, delivery, error } = request
    console.log(`Job ${unique} connection failed! Delivery: ${delivery}, ${error?.name}`)
  }
}
