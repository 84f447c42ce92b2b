import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { GearmanServer } from '../../../src/server/index.ts'
import { failOnLeaks } from '../../helpers/leaks.ts'
import { RawPeer, rawPacket } from '../../helpers/raw-peer.ts'

// Hundreds of thousands of rows take long on a busy machine.
vi.setConfig({ testTimeout: 5 * 60_000 })

const JOBS = 40_000
/** More than the kernel takes on behalf of a peer that does not read. */
const TABLES = 5

async function startServer(): Promise<{ server: GearmanServer; port: number }> {
  const server = new GearmanServer({ port: 0 })
  onTestFinished(() => server.close())
  const { port } = await server.listen()
  return { server, port }
}

async function connect(port: number): Promise<RawPeer> {
  const peer = await RawPeer.connect(port)
  onTestFinished(() => peer.destroy())
  return peer
}

async function fill(peer: RawPeer): Promise<void> {
  const unique = (index: number): string => String(index).padStart(63, 'u')
  const packets = Array.from({ length: JOBS }, (_, index) =>
    rawPacket('SUBMIT_JOB_BG', ['f', unique(index), 'x']),
  )
  peer.sendBytes(Buffer.concat(packets))
  expect(await peer.sync()).toHaveLength(JOBS)
}

describe('tables of many jobs', () => {
  failOnLeaks()

  it('come whole and in order, and nobody waits for a peer that does not read them', async () => {
    const { port } = await startServer()
    const [slow, other] = [await connect(port), await connect(port)]
    await fill(other)
    slow.pause()
    slow.sendText('list jobs f\nshow jobs\n'.repeat(TABLES))
    slow.send('SUBMIT_JOB_BG', 'g', '', 'behind')
    expect(await other.command('version')).toHaveLength(1)
    other.send('SUBMIT_JOB_BG', 'f', '', 'x')
    await other.expect('JOB_CREATED')
    slow.resume()
    const replies = await slow.sync()
    const ends = replies.filter((reply) => reply.kind === 'text' && reply.text === '.\n')
    expect(ends).toHaveLength(TABLES * 2)
    const rows = replies.filter(
      (reply) => reply.kind === 'text' && reply.text.includes(`:${JOBS}\t`),
    )
    expect(rows).toHaveLength(TABLES * 2)
    expect(replies.at(-1)).toMatchObject({ kind: 'packet', name: 'JOB_CREATED' })
  })

  it('may be cut off by the peer, or by the end of the server', async () => {
    const { server, port } = await startServer()
    const [leaving, staying] = [await connect(port), await connect(port)]
    await fill(staying)
    for (const peer of [leaving, staying]) {
      peer.pause()
      peer.sendText('list jobs f\n'.repeat(TABLES))
    }
    leaving.destroy()
    const other = await connect(port)
    expect(await other.command('version')).toHaveLength(1)
    await server.close()
    staying.resume()
    await staying.closed
  })
})
