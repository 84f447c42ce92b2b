/** Two servers are watched while one of them fails and comes back. */
import { GearmanClient, GearmanWorker } from 'gearman-sdk'
import { TestServer } from 'gearman-sdk/testing'

await using steady = await TestServer.start()
await using shaky = await TestServer.start()
const servers = [steady.address, shaky.address]
const nameOf = (address: string): string => (address === shaky.address ? 'shaky' : 'steady')

await using worker = new GearmanWorker(servers)
worker.registerTask('greet', (_worker, job) => `Hello, ${job.data}`)
void worker.work()
await worker.ready({ all: true }) // both servers know the task

await using client = new GearmanClient(servers)
await client.ready({ all: true })
for (const { server, state, outstandingJobs } of client.connections) {
  console.log(`${nameOf(server)}: ${state}, ${outstandingJobs} jobs`)
}

const isLost = new Promise<void>((resolve) => {
  client.once('state', ({ server, to, error }) => {
    console.log(`${nameOf(server)}: ${to}, ${error?.code}`)
    resolve()
  })
})
await shaky.kill()
await isLost
console.log(String(await client.do('greet', 'Ada', { idempotent: true })))

await shaky.start()
await client.ready({ all: true, pollTimeout: 30_000 })
for (const { server, state } of client.connections) console.log(`${nameOf(server)}: ${state}`)
