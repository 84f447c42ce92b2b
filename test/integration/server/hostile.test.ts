import { randomBytes, randomInt } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { failOnLeaks } from '../../helpers/leaks.ts'
import { RawPeer, rawPacket } from '../../helpers/raw-peer.ts'
import { useServer } from './server-fixture.ts'

failOnLeaks()

const PEERS = 100

/** What `npm run bench -- hostile` does for figures, small and at once. */
const ATTACKS: readonly ((peer: RawPeer) => void)[] = [
  // Half a packet, or half a line.
  (peer) => peer.sendBytes(rawPacket('SUBMIT_JOB_BG', ['x', '', 'data']).subarray(0, 20)),
  (peer) => peer.sendText('stat'),
  // 4 GiB are announced.
  (peer) => {
    const packet = rawPacket('WORK_COMPLETE', ['H:test:1', Buffer.alloc(1000)])
    packet.writeUInt32BE(0xffff_ffff, 8)
    peer.sendBytes(packet)
  },
  // Much is asked, nothing read.
  (peer) => {
    peer.pause()
    peer.sendText('workers\nstatus\nshow jobs\n'.repeat(200))
    peer.send('ECHO_REQ', Buffer.alloc(100_000))
  },
  // Random packets and lines.
  (peer) => {
    for (let count = 0; count < 50; count += 1) {
      const args = Array.from({ length: randomInt(5) }, () => randomBytes(randomInt(20)))
      peer.send(randomInt(1, 43), ...args)
      if (count % 10 === 0) peer.sendText(`${randomBytes(10).toString('hex')}\n`)
    }
  },
]

test('an ordinary client and worker are served while others do their worst', async () => {
  const { server, port, peer } = await useServer()
  const [client, worker] = [await peer(), await peer()]
  worker.send('CAN_DO', 'ordinary')
  await worker.sync()
  const hostile: RawPeer[] = []
  onTestFinished(() => {
    for (const one of hostile) one.destroy()
  })
  for (let count = 0; count < PEERS; count += 1) {
    const one = await RawPeer.connect(port)
    hostile.push(one)
    ATTACKS[count % ATTACKS.length]?.(one)
    client.send('SUBMIT_JOB', 'ordinary', '', String(count))
    const [handle = ''] = await client.expect('JOB_CREATED')
    worker.send('GRAB_JOB')
    expect(await worker.expect('JOB_ASSIGN')).toEqual([handle, 'ordinary', String(count)])
    worker.send('WORK_COMPLETE', handle, `done ${count}`)
    expect(await client.expect('WORK_COMPLETE')).toEqual([handle, `done ${count}`])
  }
  for (const one of hostile) one.destroy()
  while ((await client.command('workers')).length > 2);
  // Not command(), which takes a row for the whole answer when a random name begins with OK.
  client.sendText('status\n')
  const status = (await client.sync()).filter(
    (row) => row.kind === 'text' && row.text.startsWith('ordinary\t'),
  )
  expect(status).toEqual([{ kind: 'text', text: 'ordinary\t0\t0\t1\n' }])
  expect(server.stats().connections.open).toBe(2)
})
