/** A job in the background: the client hands it over and may leave. Anybody can ask how it is doing. */
import { once } from 'node:events'
import { GearmanClient, GearmanWorker, PRIORITY_HIGH } from 'gearman-sdk'
import { useServers } from './shared/servers.ts'

await using servers = await useServers()
const goOn = new AbortController()

await using worker = new GearmanWorker(servers.hostList)
worker.registerTask('newsletter', async (_worker, job) => {
  await job.sendStatus(7, 10)
  await once(goOn.signal, 'abort') // the rest of the work
})

// One process submits it. `complete` means here: a server has it.
await using client = new GearmanClient(servers.hostList)
const { complete, state } = await client.submitJob('newsletter', 'number 12', {
  unique: 'newsletter-12',
  background: true,
  priority: PRIORITY_HIGH,
})
console.log(`handed over: ${complete}, ${state}`)

// Any other process can ask for it, by unique id, or by handle and server.
await using other = new GearmanClient(servers.hostList)
const job = { unique: 'newsletter-12' }
const waiting = await other.getJobStatus(job)
console.log(`known: ${waiting.known}, running: ${waiting.running}`)

void worker.work()
let status = waiting
while (status.numerator === 0) status = await other.getJobStatus(job)
console.log(`running: ${status.running}, ${status.numerator} of ${status.denominator}`)

goOn.abort()
while (status.known) status = await other.getJobStatus(job)
console.log(`known: ${status.known}`) // of a job that is done a server knows nothing
