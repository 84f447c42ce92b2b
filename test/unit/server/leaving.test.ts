import { expect, test } from 'vitest'
import { HandStore, TestServer, turn } from './server-harness.ts'

test('a peer that says no more still gets the answer that waits for the store', async () => {
  const store = new HandStore()
  const server = new TestServer({ store })
  const client = server.connect()
  expect(client.play('SUBMIT_JOB_BG', 'f', 'u', 'x')).toEqual([])
  client.session.onEnd()
  let settled = 0
  client.session.peer.output.whenSettled(() => {
    settled += 1
  })
  await turn()
  expect(settled).toBe(0)
  await store.succeed()
  expect(client.look()).toEqual(['JOB_CREATED H:test:1'])
  expect(settled).toBe(1)
})

test('a foreground submission that joined on its way to the store is answered, and waits for nothing', async () => {
  const store = new HandStore()
  const server = new TestServer({ store })
  const [first, second] = [server.connect(), server.connect()]
  first.play('SUBMIT_JOB_BG', 'f', 'u', 'x')
  second.play('SUBMIT_JOB', 'f', 'u', 'x')
  second.session.onEnd()
  await turn()
  await store.succeed()
  expect(second.look()).toEqual(['JOB_CREATED H:test:1'])
  const worker = server.worker()
  worker.play('GRAB_JOB')
  worker.play('WORK_COMPLETE', 'H:test:1', 'result')
  expect(second.look()).toEqual([])
})

test('a peer that says no more gives its jobs back and waits for none', () => {
  const server = new TestServer()
  const [client, worker] = [server.connect(), server.worker()]
  client.play('SUBMIT_JOB_BG', 'f', '', 'x')
  client.play('SUBMIT_JOB', 'f', '', 'y')
  worker.play('GRAB_JOB')
  worker.session.onEnd()
  client.session.onEnd()
  expect(server.status()).toBe('1 0 0')
})
