/** JSON for both sides, in the two ways that there are to choose an encoder. */
import { GearmanClient, GearmanWorker, JSONDataEncoder } from 'gearman-sdk'
import { useServers } from './shared/servers.ts'

await using servers = await useServers()

// As an option.
await using worker = new GearmanWorker(servers.hostList, { dataEncoder: new JSONDataEncoder() })
worker.registerTask('describe', (_worker, job) => ({ got: job.data, type: typeof job.data }))
void worker.work()

// As a property of a class, as in Python. TypeScript is told the types by the two arguments.
class JSONGearmanClient extends GearmanClient<object, JSONDataEncoder> {
  override dataEncoder = JSONDataEncoder
}
await using client = new JSONGearmanClient(servers.hostList)

for (const data of ['a string', 5, { aDict: ['with', 'a', 'list'] }, null]) {
  console.log(JSON.stringify(await client.do('describe', data)))
}
