/** A worker that sends back what it gets, reversed. */
import { GearmanClient, GearmanWorker, type GearmanWorkerJob } from 'gearman-sdk'
import { useServers } from './shared/servers.ts'

await using servers = await useServers()

await using worker = new GearmanWorker(servers.hostList)
// Optional: what `workers` shows.
worker.setClientId('reverse-worker-1')
worker.registerTask('reverse', taskListenerReverse)
// Works until it is stopped. A program that only works says `await worker.work()`.
void worker.work()

await using client = new GearmanClient(servers.hostList)
console.log(String(await client.do('reverse', 'Hello World!')))

function taskListenerReverse(_worker: unknown, job: GearmanWorkerJob<Buffer>): string {
  return [...job.data.toString()].reverse().join('')
}
