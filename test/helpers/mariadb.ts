/**
 * A real MariaDB for a test file: a child process with data of its own on a free loopback port, stopped by its
 * own process id and by nothing else.
 */

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { until } from './fixtures.ts'
import { findBinary, findFreePort } from './gearmand.ts'
import { describeWhen } from './test-when.ts'

const HOST = '127.0.0.1'
const PASSWORD = 'all for tests'
const SBIN = ['/usr/sbin', '/usr/local/sbin', '/usr/bin']
/** MariaDB's ER_NO_SUCH_THREAD. */
const NO_SUCH_THREAD = 1094
/** Small files: the machine has other things to do. */
const SETTINGS = ['--innodb-log-file-size=8M', '--innodb-buffer-pool-size=32M']

/** A MariaDB that {@link startMariadb} started. */
export interface Mariadb {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  /** Makes an empty database. */
  createDatabase(): Promise<string>
  /** Runs statements in a database, and gives back the rows of the last one. */
  run(database: string, sql: string): Promise<readonly RowDataPacket[]>
  /** Ends every connection to a database from the side of MariaDB, and says how many those were. */
  killConnections(database: string): Promise<number>
  /** Sends a signal, for instance SIGSTOP and SIGCONT, and waits for nothing. */
  signal(name: NodeJS.Signals): void
  /** Ends the process and waits until it is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>
  /** Starts it again after {@link stop}: same port, same data. */
  start(): Promise<void>
  /** Ends it and deletes its data. */
  remove(): Promise<void>
}

/** `describe` for suites that need a MariaDB; see `describeWhen`. */
export function describeWithMariadb(name: string, body: () => void): void {
  const isThere = findBinary('mariadbd', SBIN) !== undefined
  describeWhen(isThere, 'MariaDB is not installed (Debian package mariadb-server)', name, body)
}

/** Makes the data and starts the database; resolves when it answers. */
export async function startMariadb(settings: readonly string[] = []): Promise<Mariadb> {
  const folder = mkdtempSync(join(tmpdir(), 'gearman-sdk-mariadb-'))
  const mariadb = new MariadbProcess(folder, await findFreePort(), settings)
  try {
    await mariadb.install()
    await mariadb.start()
    return mariadb
  } catch (error) {
    await mariadb.remove()
    throw error
  }
}

class MariadbProcess implements Mariadb {
  readonly host = HOST
  readonly port: number
  readonly user = 'root'
  readonly password = PASSWORD
  readonly #folder: string
  readonly #settings: readonly string[]
  #child: ChildProcess | undefined
  #log = ''
  #databases = 0
  readonly #killAtExit = (): void => {
    this.#child?.kill('SIGKILL')
    rmSync(this.#folder, { recursive: true, force: true })
  }

  constructor(folder: string, port: number, settings: readonly string[]) {
    this.#folder = folder
    this.port = port
    this.#settings = [
      '--no-defaults',
      `--datadir=${join(folder, 'data')}`,
      ...(process.getuid?.() === 0 ? ['--user=root'] : []),
      ...SETTINGS,
      ...settings,
    ]
    process.once('exit', this.#killAtExit)
  }

  async install(): Promise<void> {
    const program = findBinary('mariadb-install-db', SBIN)
    if (program === undefined) throw new Error('mariadb-install-db was not found')
    await promisify(execFile)(program, [
      ...this.#settings,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
    ])
  }

  async start(): Promise<void> {
    const isFirst = this.#log === ''
    const child = this.#spawn()
    this.#child = child
    child.once('close', () => {
      if (this.#child === child) this.#child = undefined
    })
    const password = isFirst ? '' : PASSWORD
    await until(async () => {
      if (this.#child !== child) throw new Error(`MariaDB ended at once: ${this.#log}`)
      return await this.#answers(password)
    })
    if (isFirst) await this.#query(`SET PASSWORD = PASSWORD('${PASSWORD}')`, '', undefined)
  }

  async createDatabase(): Promise<string> {
    this.#databases += 1
    const name = `test_${this.#databases}`
    await this.#query(`CREATE DATABASE ${name}`, PASSWORD, undefined)
    return name
  }

  async run(database: string, sql: string): Promise<readonly RowDataPacket[]> {
    return await this.#query(sql, PASSWORD, database)
  }

  async killConnections(database: string): Promise<number> {
    const found = await this.run(
      database,
      `SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()`,
    )
    let killed = 0
    for (const { id } of found) {
      try {
        await this.run(database, `KILL ${id}`)
        killed += 1
      } catch (error) {
        // The list names connections that are ending, such as that of the statement before.
        if (!isErrno(error, NO_SUCH_THREAD)) throw error
      }
    }
    return killed
  }

  signal(name: NodeJS.Signals): void {
    if (this.#child?.kill(name) !== true) throw new Error(`MariaDB is not running, no ${name}`)
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    const closed = once(child, 'close')
    child.kill(signal)
    child.kill('SIGCONT') // a process that SIGSTOP halted takes no other signal before this one
    await closed
  }

  async remove(): Promise<void> {
    await this.stop('SIGKILL')
    process.off('exit', this.#killAtExit)
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #answers(password: string): Promise<boolean> {
    try {
      await this.#query('SELECT 1', password, undefined)
      return true
    } catch {
      return false // Not yet.
    }
  }

  async #query(
    sql: string,
    password: string,
    database: string | undefined,
  ): Promise<readonly RowDataPacket[]> {
    const connection = await createConnection({
      ...{ host: HOST, port: this.port, user: this.user, password },
      ...(database === undefined ? {} : { database }),
      multipleStatements: true,
    })
    try {
      const [rows] = await connection.query<RowDataPacket[]>(sql)
      return rows
    } finally {
      await connection.end()
    }
  }

  #spawn(): ChildProcess {
    const program = findBinary('mariadbd', SBIN)
    if (program === undefined) throw new Error('mariadbd was not found')
    // As in gearmand.ts: a test runner that is killed leaves no database behind.
    const setpriv = findBinary('setpriv', [])
    const wrapper = setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'KILL', '--']
    const [command = '', ...args] = [...wrapper, program]
    const child = spawn(
      command,
      [
        ...args,
        ...this.#settings,
        `--port=${this.port}`,
        `--bind-address=${HOST}`,
        `--socket=${join(this.#folder, 'socket')}`,
        `--pid-file=${join(this.#folder, 'pid')}`,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    )
    const collect = (chunk: Buffer): void => {
      this.#log += chunk.toString()
    }
    child.stdout?.on('data', collect)
    child.stderr?.on('data', collect)
    return child
  }
}

function isErrno(error: unknown, errno: number): boolean {
  return error instanceof Error && 'errno' in error && error.errno === errno
}
