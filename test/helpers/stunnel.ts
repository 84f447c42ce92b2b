import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { endingWithThisProcess, findBinary, findFreePort } from './gearmand.ts'

/** The path of stunnel (Debian package stunnel4), or `undefined`. */
export function findStunnel(): string | undefined {
  return findBinary('stunnel', ['/usr/bin', '/usr/local/bin'])
}

/** What {@link useStunnel} takes. */
export interface StunnelOptions {
  /** The plain server on 127.0.0.1. */
  readonly port: number
  readonly cert: string
  readonly key: string
  /** Given: only clients with a certificate of this authority are let in. */
  readonly clientCa?: string
}

/**
 * A TLS server in front of a plain one, for one test.
 *
 * @returns its port on 127.0.0.1
 */
export async function useStunnel(options: StunnelOptions): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'stunnel-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const port = await findFreePort()
  const child = start(folder, port, options)
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const closed = once(child, 'close')
    child.kill('SIGKILL')
    await closed
  })
  let log = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log += text
  })
  while (!(await isOpen(port))) {
    if (child.exitCode !== null) throw new Error(`stunnel ended; it wrote:\n${log}`)
  }
  return port
}

function start(folder: string, port: number, options: StunnelOptions): ChildProcess {
  const path = (name: string, text: string): string => {
    const file = join(folder, name)
    writeFileSync(file, text, { mode: 0o600 })
    return file
  }
  const verify =
    options.clientCa === undefined
      ? []
      : ['verifyPeer = yes', `CAfile = ${path('clients.pem', options.clientCa)}`]
  const config = path(
    'stunnel.conf',
    [
      'foreground = yes',
      'pid =',
      '[gearman]',
      `accept = 127.0.0.1:${port}`,
      `connect = 127.0.0.1:${options.port}`,
      `cert = ${path('cert.pem', options.cert)}`,
      `key = ${path('key.pem', options.key)}`,
      ...verify,
      '',
    ].join('\n'),
  )
  const [command = '', ...before] = endingWithThisProcess(findStunnel() ?? 'stunnel')
  return spawn(command, [...before, config], { stdio: ['ignore', 'ignore', 'pipe'] })
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    await new Promise((resolve) => {
      setTimeout(resolve, 20)
    })
    return false
  } finally {
    socket.destroy()
  }
}
