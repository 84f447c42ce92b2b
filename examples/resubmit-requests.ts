/** Submit the failed and the lost ones again, and wait on for those that timed out. */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  GearmanClient,
  type GearmanJobRequest,
  GearmanWorker,
  JOB_FAILED,
  JOB_UNKNOWN,
} from 'gearman-sdk'
import { useServers } from './shared/servers.ts'

await using servers = await useServers()

await using worker = new GearmanWorker(servers.hostList, { concurrency: 3 })
let isFirstTry = true
worker.registerTask('quick', () => 'quick as a flash')
worker.registerTask('flaky', () => {
  if (!isFirstTry) return 'well, this time'
  isFirstTry = false
  throw new Error('not today')
})
worker.registerTask('slow', async () => {
  await sleep(2000)
  return 'slow but sure'
})
void worker.work()

await using client = new GearmanClient(servers.hostList)
const requests = await client.submitMultipleJobs(
  ['quick', 'flaky', 'slow'].map((task) => ({ task, data: '' })),
  { pollTimeout: 1000 },
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
const again = [...failed, ...lost, ...timedOut]
await client.submitMultipleRequests(again, { pollTimeout: 10_000 })
for (const request of again) show(request)

function show({ job, state, timedOut, result, exception }: GearmanJobRequest): void {
  const outcome = timedOut ? 'timed out' : (result ?? exception)
  console.log(`  ${job.task}: ${state}, ${outcome}`)
}
