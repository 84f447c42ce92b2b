/** Servers that fail in a unit test: what your code does when they are gone, silent, or wrong. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GearmanClient, GearmanWorker } from 'gearman-sdk'
import { FakeServer, FaultProxy, TestServer } from 'gearman-sdk/testing'

test('an order goes through although the server restarts', async () => {
  await using server = await TestServer.start()
  await using worker = makeWorker(server.address)
  void worker.work()
  await using client = new GearmanClient(server.address)
  assert.equal(await order(client, 'tea'), 'ordered')
  const loss = new Promise((resolve) => client.once('state', resolve))
  await server.restart()
  await loss // what is sent before the client has noticed may get lost
  assert.equal(await order(client, 'coffee'), 'ordered')
})

test('an order that breaks off is not repeated: it may have been taken', async () => {
  // Takes the job, and is gone before it says so: no real server does that when you want it.
  await using server = await FakeServer.start([
    async (peer) => {
      await peer.expect('SUBMIT_JOB')
      peer.reset()
    },
  ])
  await using client = new GearmanClient(server.address)
  assert.equal(await order(client, 'tea'), 'ask the shop')
})

test('an order does not wait for ever', async () => {
  await using server = await TestServer.start()
  await using proxy = await FaultProxy.start(server)
  await using client = new GearmanClient(proxy.address)
  proxy.freeze() // the server seems to be there, and says nothing
  assert.equal(await order(client, 'tea', 50), 'try again')
})

/** The code under test. */
async function order(client: GearmanClient, what: string, timeout = 10_000): Promise<string> {
  const [request] = await client.submitMultipleJobs([{ task: 'order', data: what }], {
    pollTimeout: timeout,
  })
  if (request?.complete) return 'ordered'
  return request?.delivery === 'not-sent' ? 'try again' : 'ask the shop'
}

function makeWorker(servers: string): GearmanWorker {
  const worker = new GearmanWorker(servers)
  worker.registerTask('order', (_worker, job) => job.data)
  return worker
}
