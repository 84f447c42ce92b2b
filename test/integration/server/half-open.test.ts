import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { failOnLeaks } from '../../helpers/leaks.ts'
import { rawPacket } from '../../helpers/raw-peer.ts'
import { useServer } from './server-fixture.ts'

/** Sends bytes and FIN at once, as `nc -N` does, and keeps its own side open for the answer. */
async function sendAndEnd(port: number, bytes: string | Buffer): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  socket.end(bytes)
  return socket
}

async function readAll(socket: Socket): Promise<string> {
  let text = ''
  socket.setEncoding('latin1').on('data', (part: string) => {
    text += part
  })
  await once(socket, 'end')
  return text
}

describe('a peer that closes its side behind its requests', () => {
  failOnLeaks()

  test('gets the answers to all of them, then the end', async () => {
    const { port } = await useServer()
    const bytes = Buffer.concat([
      rawPacket('SUBMIT_JOB_BG', ['f', 'u', 'x']),
      Buffer.from('status\nshow unique jobs\n'),
    ])
    const text = await readAll(await sendAndEnd(port, bytes))
    expect(text).toMatch(/^\0RES.*H:test:1f\t1\t0\t0\n\.\nu\n\.\n$/s)
  })

  test('gets an answer of megabytes whole', async () => {
    const { port, peer } = await useServer()
    const names = await peer()
    const count = 20_000
    for (let index = 0; index < count; index += 1) {
      names.send('CAN_DO', `${String(index).padStart(6, '0')} ${'x'.repeat(200)}`)
    }
    await names.sync()
    const text = await readAll(await sendAndEnd(port, 'status\n'))
    expect(text.split('\n')).toHaveLength(count + 2)
    expect(text.endsWith('\n.\n')).toBe(true)
  })

  test('is closed when it is owed nothing', async () => {
    const { port } = await useServer()
    for (const bytes of ['', 'stat', rawPacket('CAN_DO', ['f'])]) {
      expect(await readAll(await sendAndEnd(port, bytes))).toBe('')
    }
  })

  test('has left: its foreground job is dropped, and what it ran goes back', async () => {
    const { port, peer } = await useServer()
    const watcher = await peer()
    const ends = await readAll(await sendAndEnd(port, rawPacket('SUBMIT_JOB', ['f', '', 'x'])))
    expect(ends).toContain('H:test:1')
    watcher.send('SUBMIT_JOB_BG', 'g', '', 'y')
    await watcher.sync()
    const worker = Buffer.concat([rawPacket('CAN_DO', ['g']), rawPacket('GRAB_JOB')])
    expect(await readAll(await sendAndEnd(port, worker))).toContain('H:test:2')
    expect(await watcher.command('status')).toEqual(['f\t0\t0\t0\n', 'g\t1\t0\t0\n'])
  })
})
