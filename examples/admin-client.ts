/** Looks at one job server and steers it: what is queued, who works, how much there may be. */
import { GearmanAdminClient, GearmanClient, GearmanWorker, ServerError } from 'gearman-sdk'
import { useServers } from './shared/servers.ts'

await using servers = await useServers()
const [server = ''] = servers.hostList.split(',') // an admin client speaks to one
const task = 'example-thumbnail'

await using admin = new GearmanAdminClient(server)
console.log(`alive: ${(await admin.pingServer()) > 0}`) // milliseconds
console.log(`version: ${/^\d+\.\d+/.exec(await admin.getVersion())?.[0]}`)

async function report(title: string): Promise<void> {
  const status = (await admin.getStatus()).find((row) => row.task === task)
  console.log(`${title}: ${status?.queued} jobs, ${status?.workers} workers`)
}

// Two jobs may be there, a third one is refused. The task must be known before it can be limited.
await admin.createFunction(task)
await admin.sendMaxqueue(task, 2)
await using client = new GearmanClient(server)
const submit = (file: string) => client.submitJob(task, file, { waitUntilComplete: false })
const jobs = [await submit('a.png'), await submit('b.png')]
const refused = await submit('c.png').catch((error: unknown) => error)
console.log(`third job: ${refused instanceof ServerError && refused.serverText}`)
await report('at first')

// Every job by its handle; those of others are on the list as well.
const handles = new Set((await admin.getJobs()).map(({ handle }) => handle))
console.log(`listed: ${jobs.every(({ handle }) => handle !== undefined && handles.has(handle))}`)

await using worker = new GearmanWorker(server)
worker.setClientId('thumbnails-1')
worker.registerTask(task, (_worker, job) => `small ${job.data}`)
const working = worker.work()
await client.waitUntilJobsCompleted(jobs)
await report('at last')
for (const { clientId, tasks } of await admin.getWorkers()) {
  if (tasks.includes(task)) console.log(`worker: ${clientId}`)
}
await worker.stop()
await working

try {
  await admin.cancelJob('H:nowhere:1')
} catch (error) {
  console.log(`cancel: ${error instanceof ServerError && error.serverCode}`)
}
