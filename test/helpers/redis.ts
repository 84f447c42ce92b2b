import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { DatabaseProcess } from './database-process.ts'
import { askText, findBinary, findFreePort } from './gearmand.ts'
import { describeWhen } from './test-when.ts'

const COMMAND = 'redis-server'

/** `describe` for suites that need Redis; see `describeWhen`. */
export function describeWithRedis(name: string, body: () => void): void {
  const isThere = findBinary(COMMAND, []) !== undefined
  describeWhen(isThere, 'Redis is not installed (Debian package redis-server)', name, body)
}

/** A Redis that {@link startRedis} started. */
export interface RedisServer {
  readonly port: number
  /** Without a database. */
  readonly url: string
  readonly process: DatabaseProcess
  /** One command, on a connection of its own. */
  run(command: string, ...args: readonly (string | Buffer)[]): Promise<unknown>
  /** Ends it, and deletes its data. */
  remove(): Promise<void>
}

/** Starts a Redis with data of its own, that writes each commit to its disk unless told otherwise. */
export async function startRedis(...settings: readonly string[]): Promise<RedisServer> {
  const port = await findFreePort()
  const folder = mkdtempSync(join(tmpdir(), 'gearman-sdk-redis-'))
  const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', '']
  const args = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder]
  const database = await DatabaseProcess.start({
    command: COMMAND,
    args: [...args, ...durable, ...settings],
    isReady: async () => {
      const [line = ''] = (await askText(port, 'PING')) ?? []
      return /^(\+PONG|-NOAUTH)/.test(line)
    },
  })
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    process: database,
    run: async (command, ...words) => {
      const client = new Redis({ port, host: '127.0.0.1', lazyConnect: true })
      client.on('error', () => undefined) // The command is rejected as well.
      try {
        return await client.call(command, ...words)
      } finally {
        client.disconnect()
      }
    },
    remove: async () => {
      await database.stop('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
