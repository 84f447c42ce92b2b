/**
 * A worker in a process of its own: `worker-process.ts ADDRESS CONCURRENCY [JOBS]`. With JOBS it reports the rate of
 * that many jobs, from the first to the last.
 */
import { GearmanWorker } from 'gearman-sdk'

const [address = '', concurrency = '1', jobs = '0'] = process.argv.slice(2)
const expected = Number(jobs)
let done = 0
let startedMs = 0

const worker = new GearmanWorker(address, { concurrency: Number(concurrency) })
worker.registerTask('echo', (_worker, job) => job.data)
worker.registerTask('drain', () => {
  if (done === 0) startedMs = performance.now()
  done += 1
  if (done === expected) process.send?.((expected / (performance.now() - startedMs)) * 1000)
  return undefined
})
worker.once('state', () => process.send?.('started'))
await worker.work()
