/** Works until a signal comes. Arguments: the task, and the milliseconds that jobs have then. */
import { setTimeout as sleep } from 'node:timers/promises'
import { GearmanClient, GearmanWorker, stopOnSignals } from 'gearman-sdk'

const [task = 'task', timeout] = process.argv.slice(2)
const worker = new GearmanWorker(undefined, { concurrency: 2 })
const client = new GearmanClient()
worker.registerTask(task, async (_worker, job) => {
  console.log('started')
  // A job may use the client to its end, also after the signal.
  while (!isStopping) await sleep(5)
  return await client.do(`${task}-inner`, job.data)
})
worker.registerTask(`${task}-stubborn`, async (_worker, job) => {
  job.signal.addEventListener('abort', () => console.log('aborted'))
  console.log('started')
  await new Promise((resolve) => {
    job.signal.addEventListener('abort', resolve)
  })
})
let isStopping = false
const { stopped } = stopOnSignals([worker, client], timeout ? { timeout: Number(timeout) } : {})
// Behind the handlers above, which take themselves away: whoever reads the line may send the second signal.
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, () => {
    isStopping = true
    console.log('stopping')
  })
}
void stopped.then((signal) => console.log(`stopped at ${signal}`))
await worker.work()
