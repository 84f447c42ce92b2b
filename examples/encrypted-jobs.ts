/** Jobs that neither the server nor the network can read: compressed, and encrypted for one task. */
import { randomBytes } from 'node:crypto'
import {
  AesGcmDataEncoder,
  GearmanClient,
  GearmanWorker,
  GzipDataEncoder,
  JSONDataEncoder,
} from 'gearman-sdk'
import { useServers } from './shared/servers.ts'

interface Tasks {
  invoice: { data: { lines: string[] }; result: { pages: number } }
}

await using servers = await useServers()
const key = randomBytes(32) // both programs get it from where your secrets are
const encoderOf = (task: string): AesGcmDataEncoder<unknown> =>
  new AesGcmDataEncoder(new GzipDataEncoder(JSONDataEncoder), { key, additionalData: task })

await using worker = new GearmanWorker<Tasks>(servers.hostList)
worker.registerTask(
  'invoice',
  (_worker, { data }) => ({ pages: Math.ceil(data.lines.length / 50) }),
  {
    dataEncoder: encoderOf('invoice'),
  },
)
void worker.work()

await using client = new GearmanClient<Tasks>(servers.hostList, {
  taskEncoders: { invoice: encoderOf('invoice') },
})
const lines = Array.from({ length: 120 }, (_, index) => `position ${index}`)
console.log(await client.do('invoice', { lines }))

// Somebody without the key: his job fails, and the reason is none of his business either.
await using stranger = new GearmanClient(servers.hostList, { dataEncoder: JSONDataEncoder })
const request = await stranger.submitJob('invoice', { lines: [] })
console.log(request.state, Buffer.isBuffer(request.exception))
