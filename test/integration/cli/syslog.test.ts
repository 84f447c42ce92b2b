import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Syslog } from '../../../src/cli/process/syslog.ts'
import { runCliServer, startCliServer } from '../../helpers/cli-server.ts'
import { DatagramSocket } from '../../helpers/datagram-socket.ts'
import { useFolder } from '../../helpers/temporary-folder.ts'
import { testWhen } from '../../helpers/test-when.ts'

const WITHOUT_KOFFI = fileURLToPath(new URL('scripts/server-without-koffi.ts', import.meta.url))

function useDaemon(path: string): DatagramSocket {
  const daemon = new DatagramSocket(path)
  onTestFinished(() => daemon.close())
  return daemon
}

describe('syslog', () => {
  test('gets lines under the name of gearmand, with facility LOG_USER and the level', async () => {
    const path = join(useFolder(), 'log')
    const daemon = useDaemon(path)
    const syslog = await Syslog.open(path)
    syslog.write('ERROR', 'first')
    syslog.write('NOTICE', 'ü')
    const messages = daemon.read()
    const time = /^<(\d+)>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d gearmand\[(\d+)\]: (.*)$/
    expect(messages.map((message) => time.exec(message)?.slice(1))).toEqual([
      ['11', String(process.pid), '  ERROR first'],
      ['13', String(process.pid), ' NOTICE ü'],
    ])
  })

  test('is not waited for when nobody reads, and found again when its daemon starts again', async () => {
    const path = join(useFolder(), 'log')
    const syslog = await Syslog.open(path)
    syslog.write('ERROR', 'to nobody')
    const first = useDaemon(path)
    for (let line = 0; line < 10_000; line++) syslog.write('ERROR', `line ${line}`)
    expect(first.read()[0]).toMatch(/line 0$/)
    first.close()
    const second = useDaemon(path)
    syslog.write('ERROR', 'here again')
    expect(second.read()).toEqual([expect.stringMatching(/here again$/)])
  })

  test('cuts what a daemon would not take', async () => {
    const path = join(useFolder(), 'log')
    const daemon = useDaemon(path)
    const syslog = await Syslog.open(path)
    syslog.write('ERROR', 'x'.repeat(100_000))
    expect(daemon.read().map((message) => message.length)).toEqual([1024])
  })

  test('does not keep a server from starting where there is no daemon', async () => {
    const server = await startCliServer({ log: { isSyslog: true, file: 'none', level: 'DEBUG' } })
    server.signal('SIGTERM')
    expect(await server.exited).toBe(0)
  })

  test('needs a package, and says which', async () => {
    const { code, stderr } = await runCliServer({ log: { isSyslog: true } }, WITHOUT_KOFFI)
    expect(stderr).toMatch(
      /^gearman-sdk server: --syslog needs the package koffi: npm install koffi \(.*\)\n$/,
    )
    expect(code).toBe(1)
  })

  testWhen(
    !existsSync('/dev/log') && process.getuid?.() === 0,
    'it needs root, and a machine without a syslog daemon',
    'gets the lines of the server process',
    async () => {
      const daemon = useDaemon('/dev/log')
      const server = await startCliServer({ log: { isSyslog: true, file: 'none', level: 'INFO' } })
      server.signal('SIGTERM')
      await server.exited
      expect(daemon.read().at(-1)).toMatch(/ gearmand\[\d+\]: {4}INFO Shutdown complete$/)
    },
  )
})
