/**
 * Uses everything that this package has, and shuts it down. Nothing else ends this process.
 * Arguments: the task. Prints the sockets and timers that are left in the end.
 */
import {
  GearmanAdminClient,
  GearmanClient,
  GearmanConnectionManager,
  GearmanWorker,
} from 'gearman-sdk'
import { GearmanServer } from 'gearman-sdk/server'
import { FaultProxy } from 'gearman-sdk/testing'
import { leftResources } from './count-resources.ts'

const [task = 'task'] = process.argv.slice(2)
const own = new GearmanServer({ port: 0, idleTimeout: 60_000 })
const [given = ''] = process.env['GEARMAN_SERVERS']?.split(',') ?? []
const proxy = await FaultProxy.start({ port: Number(given.split(':')[1]) })
const servers = [proxy.address, await own.listen(), '127.0.0.1:1']

const manager = new GearmanConnectionManager(servers)
const worker = new GearmanWorker(manager, { concurrency: 4, prefetch: 2 })
worker.registerTask(task, (_worker, job) => job.data, { timeout: 60_000 })
worker.registerTask(`${task}-limited`, (_worker, job) => job.data, { concurrency: 1 })
worker.registerTask(`${task}-timed`, (_worker, job) => job.data, { serverTimeout: 60_000 })
const working = worker.work({ pollTimeout: 60_000 })
const other = new GearmanWorker(servers)
let tellStarted: () => void = () => undefined
const started = new Promise<void>((resolve) => {
  tellStarted = resolve
})
other.registerTask(`${task}-held`, (_worker, job) => {
  tellStarted()
  return new Promise((_resolve, reject) => {
    job.signal.addEventListener('abort', () => reject(job.signal.reason))
  })
})
const otherWorking = other.work()
const client = new GearmanClient(manager)
const admin = new GearmanAdminClient(servers[1] as { host: string; port: number })

for (const name of [task, `${task}-limited`, `${task}-timed`]) {
  console.log(String(await client.do(name, 'done', { pollTimeout: 60_000 })))
}
proxy.cut()
console.log(String(await client.do(task, 'again', { pollTimeout: 60_000, maxRetries: 9 })))
await admin.getStatus()
const pending = client.submitJob(`${task}-held`, '', { pollTimeout: 60_000 })
await started

await worker.stop({ timeout: 60_000 })
await Promise.all([other.shutdown(), client.shutdown(), admin.shutdown(), worker.shutdown()])
await Promise.all([working, otherWorking])
await manager.shutdown()
console.log((await pending).state)
await own.close()
await proxy.close()
console.log(`left: ${await leftResources()}`)
