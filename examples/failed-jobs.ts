/** Failed jobs and results of background jobs: a server that keeps both, for whoever asks later. */
import { GearmanAdminClient, GearmanClient, GearmanWorker } from 'gearman-sdk'
import { GearmanServer } from 'gearman-sdk/server'

await using server = new GearmanServer({
  port: 0,
  keepFailed: { maxJobs: 1000 },
  keepResults: { ttl: 3_600_000 }, // milliseconds
})
const address = await server.listen()
let isOnline = false

await using worker = new GearmanWorker([address])
worker.registerTask('deliver', (_worker, job) => {
  if (!isOnline) throw new Error('no network')
  return `delivered ${job.data}`
})
void worker.work()

await using client = new GearmanClient([address])
const over = new Promise((resolve) => server.once('jobFailed', resolve))
await client.submitJob('deliver', 'parcel 7', { background: true, unique: 'parcel-7' })
await over
const first = await client.getJobResult({ unique: 'parcel-7' }, { task: 'deliver' })
console.log(`first: ${first.state === 'exception' ? first.exception : first.state}`)

// An operator looks at what failed, mends the cause, and queues the jobs again.
await using admin = new GearmanAdminClient(address)
for (const { task, unique, reason, bytes } of await admin.getFailedJobs()) {
  console.log(`failed: ${task} ${unique}, ${reason}, ${bytes} bytes`)
}
isOnline = true
const done = new Promise((resolve) => server.once('jobDone', resolve))
console.log(`queued again: ${await admin.requeueFailedJobs('deliver')}`)
await done

// Any process can ask for the result, also by handle and server.
const then = await client.getJobResult({ unique: 'parcel-7' }, { task: 'deliver' })
console.log(`then: ${then.state === 'complete' ? then.result : then.state}`)
