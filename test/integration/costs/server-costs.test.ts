/** What a job costs the bundled server, counted instead of timed: the same on any machine. */
import { GearmanServer } from 'gearman-sdk/server'
import { expect, it, onTestFinished } from 'vitest'
import { keptBytes } from '../../helpers/heap.ts'
import { RawPeer, rawPacket } from '../../helpers/raw-peer.ts'
import { type SocketCosts, watchSockets } from '../../helpers/socket-costs.ts'

const JOBS = 1000

it('answers 1,000 background submits of one read in a few writes', async () => {
  const { port, sockets } = await start()
  const client = await RawPeer.connect(port)
  await client.sync()
  const socket = accepted(sockets.all)
  const before = socket.writes
  client.sendBytes(repeat(rawPacket('SUBMIT_JOB_BG', ['a', '', 'x'.repeat(16)]), JOBS))
  await client.sync()
  expect(socket.sent('JOB_CREATED')).toBe(JOBS)
  // Bytes may come in several reads; more than one write for each of them there is not.
  expect(socket.writes - before).toBeLessThanOrEqual(10)
  client.destroy()
})

it('hands 1,000 jobs to one worker, and takes their results, in a few writes', async () => {
  const { port, sockets } = await start()
  const client = await RawPeer.connect(port)
  client.sendBytes(repeat(rawPacket('SUBMIT_JOB_BG', ['a', '', 'x']), JOBS))
  await client.sync()
  const worker = await RawPeer.connect(port)
  worker.send('CAN_DO', 'a')
  await worker.sync()
  const socket = accepted(sockets.all, 1)
  const before = socket.writes
  worker.sendBytes(repeat(rawPacket('GRAB_JOB'), JOBS))
  await worker.sync()
  expect(socket.sent('JOB_ASSIGN')).toBe(JOBS)
  expect(socket.writes - before).toBeLessThanOrEqual(10)
  client.destroy()
  worker.destroy()
})

it('wakes a sleeping worker once, however many jobs come before it grabs', async () => {
  const { port, sockets } = await start()
  const worker = await RawPeer.connect(port)
  worker.send('CAN_DO', 'a')
  worker.send('PRE_SLEEP')
  await worker.sync()
  const client = await RawPeer.connect(port)
  client.sendBytes(repeat(rawPacket('SUBMIT_JOB_BG', ['a', '', 'x']), JOBS))
  await client.sync()
  await worker.sync()
  expect(accepted(sockets.all).sent('NOOP')).toBe(1)
  client.destroy()
  worker.destroy()
})

it('keeps 450 bytes for a queued job of 100 bytes at most', async () => {
  const QUEUED = 50_000
  const { port } = await start()
  const client = await RawPeer.connect(port)
  const packets = repeat(rawPacket('SUBMIT_JOB_BG', ['a', '', 'x'.repeat(100)]), JOBS)
  await client.sync()
  const before = keptBytes()
  for (let sent = 0; sent < QUEUED; sent += JOBS) {
    client.sendBytes(packets)
    await client.sync()
  }
  expect((keptBytes() - before) / QUEUED).toBeLessThan(450)
  client.destroy()
})

async function start(): Promise<{
  readonly port: number
  readonly sockets: ReturnType<typeof watchSockets>
}> {
  const server = new GearmanServer({ port: 0 })
  const { port } = await server.listen()
  onTestFinished(() => server.close())
  return { port, sockets: watchSockets(port) }
}

/** The server's end of the connection that came as number `index`. */
function accepted(sockets: readonly SocketCosts[], index = 0): SocketCosts {
  const socket = sockets.filter(({ isDialled }) => !isDialled)[index]
  if (socket === undefined) throw new Error('the server has written nothing')
  return socket
}

function repeat(bytes: Buffer, count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, () => bytes))
}
