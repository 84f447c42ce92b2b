/** Submit the failed and the lost ones again, and wait on for those that timed out. */
import { once } from 'node:events'
import {
  GearmanClient,
  type GearmanJobRequest,
  GearmanWorker,
  JOB_FAILED,
  JOB_UNKNOWN,
} from 'gearman-sdk'
import { useServers } from './shared/servers.ts'

await using servers = await useServers()

const firstRound = new AbortController()
const isOver = once(firstRound.signal, 'abort')

await using worker = new GearmanWorker(servers.hostList, { concurrency: 3 })
let isFirstTry = true
worker.registerTask('quick', () => 'quick as a flash')
worker.registerTask('flaky', () => {
  if (!isFirstTry) return 'well, this time'
  isFirstTry = false
  throw new Error('not today')
})
worker.registerTask('slow', async () => {
  await isOver // longer than the first round waits
  return 'slow but sure'
})
void worker.work()
await worker.ready()

await using client = new GearmanClient(servers.hostList)
await client.ready()
const requests = await client.submitMultipleJobs(
  ['quick', 'flaky', 'slow'].map((task) => ({ task, data: '' })),
  { pollTimeout: 5000 },
)
console.log('First round:')
for (const request of requests) show(request)

// Lost ones are sent again. Failed ones as well, once they are reset: failing is a result, too.
const failed = requests.filter(({ state }) => state === JOB_FAILED)
const lost = requests.filter(({ state }) => state === JOB_UNKNOWN)
for (const request of failed) request.reset()
// Those that timed out are under way: they are not sent again, only waited for.
const timedOut = requests.filter(({ timedOut }) => timedOut)

console.log('Second round:')
firstRound.abort()
const again = [...failed, ...lost, ...timedOut]
await client.submitMultipleRequests(again, { pollTimeout: 30_000 })
for (const request of again) show(request)

function show({ job, state, timedOut, result, exception }: GearmanJobRequest): void {
  const outcome = timedOut ? 'timed out' : (result ?? exception)
  console.log(`  ${job.task}: ${state}, ${outcome}`)
}
