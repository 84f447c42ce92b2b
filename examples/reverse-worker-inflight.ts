/** A worker that sends data and progress while it runs; its result is empty. */
import { GearmanClient, GearmanWorker } from 'gearman-sdk'
import { useServers } from './shared/servers.ts'

await using servers = await useServers()

await using worker = new GearmanWorker(servers.hostList)
worker.registerTask('reverse', async (gearmanWorker, job) => {
  const characters = [...job.data.toString()].reverse()
  for (const [index, character] of characters.entries()) {
    await gearmanWorker.sendJobData(job, character)
    await gearmanWorker.sendJobStatus(job, index + 1, characters.length)
  }
})
void worker.work()

await using client = new GearmanClient(servers.hostList)
const request = await client.submitJob('reverse', 'gearman')
console.log(`data: ${request.dataUpdates.join(' ')}`)
console.log(`status: ${request.status.numerator} of ${request.status.denominator}`)
console.log(`${request.state}, ${request.result?.length} bytes`)
