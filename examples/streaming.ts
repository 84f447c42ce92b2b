/** What a worker sends while it runs, as it comes: with stream(), and with `for await` over a request. */
import { GearmanClient, GearmanWorker, StringDataEncoder } from 'gearman-sdk'
import { useServers } from './shared/servers.ts'

await using servers = await useServers()
const dataEncoder = new StringDataEncoder()

await using worker = new GearmanWorker(servers.hostList, { dataEncoder })
worker.registerTask('countdown', async (_worker, job) => {
  const from = Number(job.data)
  for (let left = from; left > 0; left--) {
    await job.sendData(`${left}`)
    await job.sendStatus(from - left + 1, from)
  }
  await job.sendWarning('stand back')
  return 'lift-off'
})
void worker.work()

await using client = new GearmanClient(servers.hostList, { dataEncoder })

for await (const update of client.stream('countdown', '2')) {
  if (update.type === 'status') console.log(`${update.numerator} of ${update.denominator}`)
  else console.log(`${update.type}: ${update.data}`)
}

// A request of submitJob or submitMultipleJobs can be iterated as well.
const request = await client.submitJob('countdown', '3', { waitUntilComplete: false })
const parts: string[] = []
for await (const update of request) {
  if (update.type !== 'status') parts.push(update.data)
}
console.log(parts.join(', '))
