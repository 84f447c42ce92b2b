/**
 * A real gearmand for a test file: a child process on a loopback port of its own, stopped by its
 * own process id and by nothing else.
 *
 * ```ts
 * describeWithGearmand('against gearmand', () => {
 *   let gearmand: Gearmand
 *   beforeAll(async () => {
 *     gearmand = await startGearmand()
 *   })
 *   afterAll(async () => {
 *     await gearmand.stop()
 *   })
 * })
 * ```
 */

import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { findFreePort, TestServerProcess } from 'gearman-sdk/testing'
import { describe, test } from 'vitest'
import { askText } from '../../src/testing/ask-text.ts'

export { askText, findFreePort }

/** What {@link startGearmand} accepts. */
export interface GearmandOptions {
  /** A fixed port. Left out, a free one is found, and another one when gearmand cannot bind it. */
  readonly port?: number
  /** More arguments for the command line, for instance `['--round-robin']`. */
  readonly args?: readonly string[]
}

/** A gearmand that {@link startGearmand} started. */
export interface Gearmand {
  readonly host: string
  readonly port: number
  /** The process id; `undefined` while it is stopped. */
  readonly pid: number | undefined
  /** All that it wrote to stderr so far, over all its starts. */
  log(): string
  /** Sends a signal, for instance SIGSTOP and SIGCONT, and waits for nothing. */
  signal(name: NodeJS.Signals): void
  /** Ends the process (SIGTERM unless told otherwise) and waits until it is gone. Idempotent. */
  stop(signal?: NodeJS.Signals): Promise<void>
  /** Starts it again after {@link stop}: same port, same arguments, empty queue. */
  start(): Promise<void>
  /** {@link stop} and {@link start}. */
  restart(signal?: NodeJS.Signals): Promise<void>
}

/** True when CI demands every suite: then a missing service is a failure. */
export function isEverySuiteRequired(): boolean {
  return process.env['GEARMAN_TEST_REQUIRE_ALL'] === '1'
}

/**
 * The path of the gearmand binary, or `undefined` when there is none. Looks in PATH and where
 * distributions put it. The environment variable `GEARMAND_BINARY` names another one instead.
 */
export function findGearmand(): string | undefined {
  const named = process.env['GEARMAND_BINARY']
  if (named !== undefined) return isExecutable(named) ? named : undefined
  return foundIn('gearmand', ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/sbin']).find(
    (path) => !isPerl(path),
  )
}

/** Perl's server has the same name, in Debian's package gearman-server. */
function isPerl(path: string): boolean {
  const firstLine = readFileSync(path).subarray(0, 80).toString('latin1').split('\n')[0] ?? ''
  return /^#!.*perl/.test(firstLine)
}

/**
 * `describe` for suites that need a real gearmand. Without the binary the suite is skipped with a
 * reason in its name and on stderr, or fails when `GEARMAN_TEST_REQUIRE_ALL=1`.
 */
export function describeWithGearmand(name: string, body: () => void): void {
  if (findGearmand() !== undefined) {
    describe(name, body)
    return
  }
  const reason = 'gearmand is not installed (Debian package gearman-job-server)'
  if (isEverySuiteRequired()) {
    describe(name, () => {
      test('needs gearmand', () => {
        throw new Error(`${reason}, and GEARMAN_TEST_REQUIRE_ALL=1 allows no skipped suite`)
      })
    })
    return
  }
  console.warn(`SKIPPED: "${name}": ${reason}`)
  describe.skip(`${name} [skipped: ${reason}]`, body)
}

/**
 * Starts gearmand and resolves when it answers.
 *
 * @throws Error when there is no binary, when it exits or when it does not answer within 30 s; the
 * message holds what it wrote to stderr.
 */
export async function startGearmand(options: GearmandOptions = {}): Promise<Gearmand> {
  const binary = findGearmand()
  if (binary === undefined) throw new Error('gearmand was not found, neither in PATH nor in sbin')
  const folders = new ProcessFolders()
  const [command = '', ...before] = endingWithThisProcess(binary)
  try {
    const server = await TestServerProcess.start({
      command,
      args: (port) => [...before, ...gearmandArguments(port, folders.next(), options.args)],
      port: options.port,
    })
    return new GearmandProcess(server, folders)
  } catch (error) {
    folders.remove()
    throw error
  }
}

function gearmandArguments(port: number, folder: string, more: readonly string[] = []): string[] {
  const config = join(folder, 'gearmand.conf')
  writeFileSync(config, '')
  return [
    `--config-file=${config}`,
    `--pid-file=${join(folder, 'gearmand.pid')}`,
    '--listen=127.0.0.1',
    `--port=${port}`,
    '--log-file=stderr',
    ...more,
  ]
}

/** A folder of its own for each start, so that neither /etc/gearmand.conf nor a shared pid file matters. */
class ProcessFolders {
  #folder: string | undefined

  next(): string {
    this.remove()
    this.#folder = mkdtempSync(join(tmpdir(), 'gearmand-'))
    return this.#folder
  }

  remove(): void {
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true })
  }
}

class GearmandProcess implements Gearmand {
  readonly #server: TestServerProcess
  readonly #folders: ProcessFolders

  constructor(server: TestServerProcess, folders: ProcessFolders) {
    this.#server = server
    this.#folders = folders
  }

  get host(): string {
    return this.#server.host
  }

  get port(): number {
    return this.#server.port
  }

  get pid(): number | undefined {
    return this.#server.pid
  }

  log(): string {
    return this.#server.log()
  }

  signal(name: NodeJS.Signals): void {
    this.#server.signal(name)
  }

  async start(): Promise<void> {
    await this.#server.start()
  }

  async stop(signal?: NodeJS.Signals): Promise<void> {
    await this.#server.stop(signal)
    this.#folders.remove()
  }

  async restart(signal?: NodeJS.Signals): Promise<void> {
    await this.stop(signal)
    await this.start()
  }
}

/**
 * A command line that has a program end with this process, however that ends: a test runner that is killed leaves no
 * server behind. setpriv (Linux) becomes the program, in the same process.
 */
export function endingWithThisProcess(program: string): string[] {
  const setpriv = findBinary('setpriv', [])
  return [...(setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'KILL', '--']), program]
}

/** The path of a program, looked for in PATH and in more folders. */
export function findBinary(name: string, moreFolders: readonly string[]): string | undefined {
  return foundIn(name, moreFolders)[0]
}

function foundIn(name: string, moreFolders: readonly string[]): string[] {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return [...folders, ...moreFolders].map((folder) => join(folder, name)).filter(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false // not there, or not ours to run: the same to the caller
  }
}
