/** Two servers: one is closed, and the client and the worker go on with the other one. */
import { GearmanClient, GearmanWorker } from 'gearman-sdk'
import { GearmanServer } from 'gearman-sdk/server'

const [first, second] = [new GearmanServer({ port: 0 }), new GearmanServer({ port: 0 })]
const servers = [await first.listen(), await second.listen()]

// A worker works for all servers of its list.
await using worker = new GearmanWorker(servers)
worker.registerTask('greet', (_worker, job) => `Hello, ${job.data}`)
void worker.work()

// Jobs are spread. Those with a unique id of yours go to the same server each time.
await using client = new GearmanClient(servers)
await client.ready({ all: true })
for (const name of ['Ada', 'Bob']) console.log(String(await client.do('greet', name)))
console.log(`servers: ${client.connectionList.filter(({ connected }) => connected).length}`)

// What was sent to a server that died before it answered is sent again as often as `maxRetries` says.
await first.close()
for (const name of ['Cyd', 'Dan']) {
  console.log(String(await client.do('greet', name, { maxRetries: 1 })))
}
console.log(`servers: ${client.connectionList.filter(({ connected }) => connected).length}`)
await second.close()
