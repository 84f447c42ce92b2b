/** Jobs over HTTP: whoever can send a request can call a task, without a Gearman library. */
import { GearmanWorker } from 'gearman-sdk'
import { GearmanServer } from 'gearman-sdk/server'

// `compat: false`: status codes tell what happened. Without it they are gearmand's: 200 for failures too.
await using server = new GearmanServer({ port: 0, http: { port: 0, compat: false } })
const { host, port } = await server.listen()
const url = `http://${server.httpAddress?.host}:${server.httpAddress?.port}`

await using worker = new GearmanWorker(`${host}:${port}`)
worker.registerTask('reverse', (_worker, job) => [...job.data.toString()].reverse().join(''))
worker.registerTask('fail', () => {
  throw new Error('out of paper')
})
worker.registerTask('count', async (_worker, job) => {
  for (const step of ['one', 'two']) await job.sendData(`${step}, `)
  return 'three'
})
void worker.work()

// The path is the task, the body its data; the answer comes when the job is done.
const reversed = await fetch(`${url}/reverse`, { method: 'POST', body: 'namraeg' })
console.log(reversed.status, await reversed.text())

// What a worker sends on its way arrives on its way.
const counted = await fetch(`${url}/count`)
console.log(counted.status, await counted.text())

// A job in the background is accepted, with a handle. Headers give it an id and a priority.
const headers = { 'X-Gearman-Background': 'true', 'X-Gearman-Priority': 'high' }
const accepted = await fetch(`${url}/newsletter`, {
  method: 'POST',
  headers: { ...headers, 'X-Gearman-Unique': 'newsletter-12' },
  body: 'number 12',
})
console.log(accepted.status, accepted.headers.get('X-Gearman-Command'))

const failed = await fetch(`${url}/fail`, { method: 'POST' })
console.log(failed.status, failed.headers.get('X-Gearman-Command'), await failed.text())
