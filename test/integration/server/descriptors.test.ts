import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { createDeferred } from '../../../src/core/deferred.ts'
import { RawPeer } from '../../helpers/raw-peer.ts'

const SCRIPT = fileURLToPath(new URL('./scripts/few-files.ts', import.meta.url))
const OPEN_FILES = 100

/** A server under `ulimit -n`, and the lines that it writes. */
function startLimited(): { readonly nextLine: () => Promise<string> } {
  const command = `ulimit -n ${OPEN_FILES}; exec "$@"`
  const args = ['-c', command, 'sh', process.execPath, '--import', 'tsx', SCRIPT]
  const child = spawn('sh', args, { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(async () => {
    const exited = once(child, 'exit')
    if (child.exitCode === null && child.kill('SIGKILL')) await exited
  })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  return {
    nextLine: async () => {
      const line = await lines.next()
      return line.done === true ? 'the end' : line.value
    },
  }
}

test('a server without a free file descriptor turns peers away, tells it once, and goes on', async () => {
  const { nextLine } = startLimited()
  const port = Number((await nextLine()).replace('port ', ''))
  const first = await RawPeer.connect(port)
  onTestFinished(() => first.destroy())

  const turnedAway = createDeferred<void>()
  const crowd: Socket[] = []
  for (let count = 0; count < OPEN_FILES; count += 1) {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => undefined).on('close', () => turnedAway.resolve())
    crowd.push(socket)
  }
  expect(await nextLine()).toMatch(/^error EMFILE no file descriptor is left/)
  await turnedAway.promise
  expect(await first.sync()).toEqual([])

  const gone = crowd.map((socket) => (socket.closed ? undefined : once(socket, 'close')))
  for (const socket of crowd) socket.destroy()
  await Promise.all(gone)
  while ((await first.command('workers')).length > 1);
  const last = await RawPeer.connect(port)
  onTestFinished(() => last.destroy())
  expect(await last.command('shutdown')).toEqual(['OK\r\n'])
  expect(await nextLine()).toBe('closed')
})
