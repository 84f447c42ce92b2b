/** The bundled server in a unit test: nothing to install, a free port, gone at the end. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { GearmanClient, GearmanWorker, JobExceptionError } from 'gearman-sdk'
import { GearmanServer } from 'gearman-sdk/server'

const server = new GearmanServer({ port: 0 })
let hostList = ''

before(async () => {
  const { host, port } = await server.listen()
  hostList = `${host}:${port}`
})
after(() => server.close())

test('the worker squares numbers', async () => {
  await using worker = makeWorker(hostList)
  void worker.work()
  await using client = new GearmanClient(hostList)
  assert.equal(String(await client.do('square', '12')), '144')
})

test('the worker refuses what is no number', async () => {
  await using worker = makeWorker(hostList)
  void worker.work()
  await using client = new GearmanClient(hostList)
  await assert.rejects(client.do('square', 'twelve'), JobExceptionError)
})

/** The code under test. */
function makeWorker(servers: string): GearmanWorker {
  const worker = new GearmanWorker(servers)
  worker.registerTask('square', (_worker, job) => {
    const value = Number(job.data)
    if (Number.isNaN(value)) throw new TypeError('not a number')
    return String(value ** 2)
  })
  return worker
}
