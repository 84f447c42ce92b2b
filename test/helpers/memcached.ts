import { connect } from 'node:net'
import { DatabaseProcess } from './database-process.ts'
import { askText, findBinary, findFreePort } from './gearmand.ts'
import { describeWhen } from './test-when.ts'

const COMMAND = 'memcached'

/** `describe` for suites that need memcached; see `describeWhen`. */
export function describeWithMemcached(name: string, body: () => void): void {
  const isThere = findBinary(COMMAND, []) !== undefined
  describeWhen(isThere, 'memcached is not installed (Debian package memcached)', name, body)
}

/** A memcached that {@link startMemcached} started. */
export interface MemcachedServer {
  readonly port: number
  /** Host and port. */
  readonly address: string
  readonly process: DatabaseProcess
  /** Writes a value. */
  set(key: string, value: string, flags?: number): Promise<void>
  /** One command; the first line of what it says. */
  run(command: string): Promise<string>
}

/** Starts a memcached. */
export async function startMemcached(...settings: readonly string[]): Promise<MemcachedServer> {
  const port = await findFreePort()
  const database = await DatabaseProcess.start({
    command: COMMAND,
    args: ['-l', '127.0.0.1', '-p', String(port), '-u', 'nobody', ...settings],
    isReady: async () => (await askText(port, 'version')) !== undefined,
  })
  const run = async (command: string): Promise<string> => {
    const socket = connect(port, '127.0.0.1')
    socket.write(`${command}\r\n`, 'latin1')
    let text = ''
    for await (const chunk of socket) {
      text += String(chunk)
      if (text.includes('\n')) break
    }
    socket.destroy()
    return text.slice(0, text.indexOf('\r\n'))
  }
  return {
    port,
    address: `127.0.0.1:${port}`,
    process: database,
    run,
    set: async (key, value, flags = 0) => {
      const line = await run(`set ${key} ${flags} 0 ${value.length}\r\n${value}`)
      if (line !== 'STORED') throw new Error(`memcached says ${line}`)
    },
  }
}
