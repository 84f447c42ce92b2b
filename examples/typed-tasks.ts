/** One map of all tasks: the compiler checks what clients submit and what workers return. */
import { GearmanClient, GearmanWorker, JSONDataEncoder } from 'gearman-sdk'
import { useServers } from './shared/servers.ts'

interface Tasks {
  add: { data: { a: number; b: number }; result: number }
  wordLengths: { data: string; result: number[]; update: string }
}

await using servers = await useServers()
const dataEncoder = new JSONDataEncoder()

await using worker = new GearmanWorker<Tasks>(servers.hostList, { dataEncoder })
worker.registerTask('add', (_worker, job) => job.data.a + job.data.b)
worker.registerTask('wordLengths', async (_worker, job) => {
  const words = job.data.split(' ')
  for (const word of words) await job.sendData(word)
  return words.map((word) => word.length)
})
void worker.work()

await using client = new GearmanClient<Tasks>(servers.hostList, { dataEncoder })
const sum = await client.do('add', { a: 19, b: 23 })
console.log(`19 + 23 = ${sum.toFixed(0)}`)

const request = await client.submitJob('wordLengths', 'the quick brown fox')
console.log(`${request.dataUpdates.join(', ')}: ${request.result?.join(', ')}`)

// @ts-expect-error there is no such task
client.submitJob.bind(client, 'subtract')
