/**
 * A private PostgreSQL for a test file: on a loopback port of its own, with data that are gone at the end.
 *
 * ```ts
 * describeWithPostgres('with PostgreSQL', () => {
 *   const postgres = usePostgres()
 *   test('...', async () => { const place = await postgres.createSchema() })
 * })
 * ```
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { afterAll, beforeAll } from 'vitest'
import { findBinary, findFreePort } from './gearmand.ts'
import { describeWhen } from './test-when.ts'

const HOST = '127.0.0.1'
const USER = 'jobs'
export const POSTGRES_PASSWORD = `it's "secret" \\ %`
const DATABASE = 'jobs database'
const DEBIAN_FOLDER = '/usr/lib/postgresql'
/** Half a minute: a busy machine is slow, not broken. */
const START_ATTEMPTS = 300
const RETRY_MS = 100

/** Where a test may work. */
export interface PostgresSchema {
  readonly name: string
  /** For `PostgresStore`, and for libpq. */
  readonly connectionString: string
  /** A connection for a test that needs one for long. */
  connect(): Promise<Client>
  /** Runs statements there. */
  query(sql: string): Promise<readonly Record<string, unknown>[]>
}

/** A PostgreSQL that {@link usePostgres} starts. */
export interface Postgres {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
  /** An empty schema: all that it takes for a test of its own. */
  createSchema(): Promise<PostgresSchema>
  /** Writes a file that only it can read, and gives its path. */
  addFile(name: string, content: string): string
  /** Ends it with SIGKILL and waits until it is gone. */
  kill(): Promise<void>
  /** Starts it again on its port, with its data and other settings. */
  start(settings?: Readonly<Record<string, string>>): Promise<void>
}

/** `describe` for suites that need PostgreSQL: skipped with the reason, or failing where none may be. */
export function describeWithPostgres(name: string, body: () => void): void {
  const reason = 'PostgreSQL is not installed (Debian package postgresql)'
  describeWhen(findFolder() !== undefined, reason, name, body)
}

/** Starts one before the tests of the suite, and ends it behind them. */
export function usePostgres(): Postgres {
  const postgres = new PostgresProcess()
  beforeAll(() => postgres.create(), 120_000)
  afterAll(() => postgres.remove())
  return postgres
}

/** Starts one outside of a suite; whoever does that removes it. */
export async function startPostgres(): Promise<Postgres & { remove(): Promise<void> }> {
  const postgres = new PostgresProcess()
  await postgres.create()
  return postgres
}

/** The folder of the newest version's programs. */
function findFolder(): string | undefined {
  const folders = readVersions().map((version) => join(DEBIAN_FOLDER, version, 'bin'))
  const binary = findBinary('postgres', folders)
  return binary?.slice(0, -'/postgres'.length)
}

function readVersions(): string[] {
  try {
    return readdirSync(DEBIAN_FOLDER).sort((a, b) => Number(b) - Number(a))
  } catch {
    return [] // Not Debian, or not installed: PATH is looked through anyway.
  }
}

class PostgresProcess implements Postgres {
  readonly host = HOST
  port = 0
  readonly user = USER
  readonly database = DATABASE
  #folder = ''
  #schemas = 0
  #child: ChildProcess | undefined
  readonly #killAtExit = (): void => void this.#child?.kill('SIGKILL')

  async create(): Promise<void> {
    this.#folder = mkdtempSync(join(tmpdir(), 'gearman-sdk-postgres-'))
    giveToPostgres(this.#folder)
    const passwordFile = this.addFile('password', POSTGRES_PASSWORD)
    const [command, args] = program('initdb')
    const options = ['--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--encoding=UTF8']
    execFileSync(
      command,
      [
        ...args,
        `--pgdata=${this.#data}`,
        `--username=${USER}`,
        ...options,
        '--locale=C',
        '--no-sync',
      ],
      { cwd: this.#folder, stdio: ['ignore', 'ignore', 'inherit'] },
    )
    this.port = await findFreePort()
    await this.start()
    const client = await this.#connect('postgres')
    await client.query(`CREATE DATABASE "${DATABASE}"`)
    await client.end()
  }

  async remove(): Promise<void> {
    await this.kill()
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 20 })
  }

  async createSchema(): Promise<PostgresSchema> {
    this.#schemas += 1
    const name = `test_${this.#schemas}`
    const connect = (): Promise<Client> => this.#connect(DATABASE, name)
    const query = async (sql: string): Promise<readonly Record<string, unknown>[]> => {
      const client = await connect()
      try {
        const result = await client.query(sql)
        return result.rows ?? []
      } finally {
        await client.end()
      }
    }
    await query(`CREATE SCHEMA ${name}`)
    const quoted = (text: string): string => `'${text.replaceAll(/[\\']/g, '\\$&')}'`
    const connectionString = `host=${HOST} port=${this.port} dbname=${quoted(DATABASE)} user=${USER}
      password=${quoted(POSTGRES_PASSWORD)} options='-c search_path=${name}'`
    return { name, connectionString, connect, query }
  }

  addFile(name: string, content: string): string {
    const path = join(this.#folder, name)
    writeFileSync(path, content, { mode: 0o600 })
    giveToPostgres(path)
    return path
  }

  async kill(): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    const closed = once(child, 'close')
    child.kill('SIGKILL')
    await closed
  }

  async start(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    let log = ''
    for (let attempt = 0; attempt < START_ATTEMPTS; attempt += 1) {
      log = await this.#tryStart(settings)
      if (this.#child !== undefined) return
      // What served the connections of a killed one takes a moment to end.
      await sleep(RETRY_MS)
    }
    throw new Error(`PostgreSQL does not start:\n${log}`)
  }

  get #data(): string {
    return join(this.#folder, 'data')
  }

  /** @returns what it wrote until it was ready, or ended */
  async #tryStart(settings: Readonly<Record<string, string>>): Promise<string> {
    const all: Readonly<Record<string, string>> = {
      listen_addresses: HOST,
      unix_socket_directories: this.#folder,
      lc_messages: 'C',
      max_connections: '40',
      shared_buffers: '16MB',
      ...settings,
    }
    const options = Object.entries(all).flatMap(([key, value]) => ['-c', `${key}=${value}`])
    const [command, args] = program('postgres')
    const child = spawn(command, [...args, '-D', this.#data, '-p', String(this.port), ...options], {
      cwd: this.#folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.#child = child
    process.once('exit', this.#killAtExit)
    child.once('close', () => {
      process.off('exit', this.#killAtExit)
      if (this.#child === child) this.#child = undefined
    })
    return await new Promise((resolve, reject) => {
      let log = ''
      child.once('error', reject)
      child.once('close', () => resolve(log))
      child.stderr?.on('data', (chunk: Buffer) => {
        log += chunk.toString()
        if (log.includes('ready to accept connections')) resolve(log)
      })
    })
  }

  async #connect(database: string, schema = 'public'): Promise<Client> {
    const { host, port, user } = this
    const options = `-c search_path=${schema}`
    const client = new Client({ host, port, user, password: POSTGRES_PASSWORD, database, options })
    await client.connect()
    return client
  }
}

function giveToPostgres(path: string): void {
  if (!isRoot()) return
  const [uid = 0, gid = 0] = ['-u', '-g'].map((flag) =>
    Number(execFileSync('id', [flag, 'postgres'])),
  )
  chownSync(path, uid, gid)
}

function isRoot(): boolean {
  return process.getuid?.() === 0
}

/** PostgreSQL refuses to run as root; and it ends with the test runner, however that ends. */
function program(name: string): [string, string[]] {
  const binary = join(findFolder() ?? '', name)
  const setpriv = findBinary('setpriv', [])
  if (setpriv === undefined) return [binary, []]
  const account = ['--reuid=postgres', '--regid=postgres', '--clear-groups']
  return [setpriv, [...(isRoot() ? account : []), '--pdeathsig=KILL', '--', binary]]
}
