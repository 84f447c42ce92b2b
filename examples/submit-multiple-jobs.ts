/** Submit many jobs without waiting, do something else, then wait for them with a time limit. */
import { GearmanClient, GearmanWorker } from 'gearman-sdk'
import { useServers } from './shared/servers.ts'

await using servers = await useServers()

await using worker = new GearmanWorker(servers.hostList)
worker.registerTask('upperCase', (_worker, job) => job.data.toString().toUpperCase())
worker.registerTask('count', (_worker, job) => String(job.data.length))

await using client = new GearmanClient(servers.hostList)
const submitted = await client.submitMultipleJobs(
  [
    { task: 'upperCase', data: 'some data', unique: 'first' },
    { task: 'count', data: 'other data', unique: 'second' },
    { task: 'nobodyDoesThis', data: 'lost labour', unique: 'third' },
  ],
  { waitUntilComplete: false },
)

// All are accepted: the server has them, and this program is free to do other things.
for (const { unique, state } of submitted) console.log(`${unique}: ${state}`)
void worker.work()
await worker.ready()

// Waits for five seconds at most.
const completed = await client.waitUntilJobsCompleted(submitted, { pollTimeout: 5000 })
for (const { unique, state, result, timedOut } of completed) {
  console.log(timedOut ? `${unique}: timed out` : `${unique}: ${state}, ${result}`)
}
