/** An encoder of your own: here one that compresses JSON. */
import { gunzipSync, gzipSync } from 'node:zlib'
import { DataEncoder, EncodingError, GearmanClient, GearmanWorker } from 'gearman-sdk'
import { useServers } from './shared/servers.ts'

class GzipJSONDataEncoder extends DataEncoder<unknown> {
  encode(value: unknown): Uint8Array {
    return gzipSync(JSON.stringify(value ?? null))
  }

  decode(bytes: Buffer): unknown {
    try {
      return JSON.parse(gunzipSync(bytes).toString())
    } catch (cause) {
      throw new EncodingError('a payload is no compressed JSON', { cause })
    }
  }
}

await using servers = await useServers()

await using worker = new GearmanWorker(servers.hostList, { dataEncoder: GzipJSONDataEncoder })
worker.registerTask('repeat', (_worker, job) => Array.from({ length: 1000 }, () => job.data))
void worker.work()

await using client = new GearmanClient(servers.hostList, { dataEncoder: GzipJSONDataEncoder })
const answer = await client.do('repeat', { text: 'again' })
console.log(Array.isArray(answer) ? `${answer.length} times ${JSON.stringify(answer[0])}` : answer)

// What cannot be decoded fails its job, and nothing else.
await using plain = new GearmanClient(servers.hostList)
const { state, exception } = await plain.submitJob('repeat', 'not compressed')
console.log(`${state}: ${exception}`)
