/**
 * Submits many background jobs in one go and tells how much memory is in use before, and after they are accepted
 * and let go. Run with `--expose-gc` set by itself.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { GearmanClient, JOB_CREATED } from '../../../../src/index.ts'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

const [task = 't', count = '0', rounds = '1'] = process.argv.slice(2)
const client = new GearmanClient()

async function submitAll(): Promise<number> {
  const jobs = Array.from({ length: Number(count) }, (_, index) => ({ task, data: `job ${index}` }))
  const requests = await client.submitMultipleJobs(jobs, { background: true })
  return requests.filter(({ state }) => state === JOB_CREATED).length
}

async function heapMiB(): Promise<number> {
  // What the last turn still holds is let go first.
  await new Promise(setImmediate)
  gc()
  return process.memoryUsage().heapUsed / 1024 / 1024
}

await client.submitJob(task, 'first', { background: true })
const heaps = [await heapMiB()]
let accepted = 0
for (let round = 0; round < Number(rounds); round += 1) {
  accepted += await submitAll()
  heaps.push(await heapMiB())
}
console.log(JSON.stringify({ accepted, heaps }))
