import { GearmanServer, SDK_VERSION, type ServerEndpoint } from '../../server/index.ts'
import { describeError } from '../describe-error.ts'
import type { ServerSettings, TlsFiles } from '../server-settings.ts'
import { Account } from './account.ts'
import { AccountStore } from './account-store.ts'
import { makeDataFolder } from './data-folder.ts'
import { logServerEvents } from './event-lines.ts'
import type { Launch } from './launch.ts'
import { explainListenFailure, formatEndpoint } from './listen-address.ts'
import { openLog } from './open-log.ts'
import { PidFile } from './pid-file.ts'
import type { ServerLog } from './server-log.ts'
import { catchSignals, type SignalHandler } from './signals.ts'
import { Syslog } from './syslog.ts'
import { readTlsFiles } from './tls-files.ts'

/** How long the end of the process waits for a log that takes nothing. */
const LOG_CLOSE_LIMIT_MS = 1000

/** What is open while the server runs. */
interface Running {
  readonly server: GearmanServer
  readonly log: ServerLog
  readonly pidFile: PidFile | undefined
}

/** One life of the server process: start, signals, end. */
export class ServerProcess implements SignalHandler {
  readonly #settings: ServerSettings
  readonly #launch: Launch
  #running: Running | undefined
  /** A signal came before there was anything to stop. */
  #isStopped = false

  constructor(settings: ServerSettings, launch: Launch) {
    this.#settings = settings
    this.#launch = launch
  }

  /** Runs the server to its end. @returns the exit code */
  async run(): Promise<number> {
    const release = catchSignals(this)
    const onUncaught = (error: Error): void => this.#die(error)
    process.on('uncaughtException', onUncaught)
    try {
      await this.#serve()
      return 0
    } catch (error) {
      await this.#launch.failed(describeError(error))
      return this.#isStopped ? 0 : 1
    } finally {
      release()
      process.off('uncaughtException', onUncaught)
    }
  }

  onStop(signal: NodeJS.Signals): void {
    this.#isStopped = true
    this.#running?.log.write('INFO', `${signal}, stopping`)
    void this.#running?.server.close()
  }

  onDrain(signal: NodeJS.Signals): void {
    this.#isStopped = true
    this.#running?.log.write('INFO', `${signal}, stopping when all running jobs have ended`)
    void this.#running?.server.close({ graceful: true })
  }

  onReload(signal: NodeJS.Signals): void {
    const running = this.#running
    if (running === undefined) return
    const { server, log } = running
    log.reopen()
    log.write('NOTICE', `${signal}, reopening log file`)
    if (this.#settings.tls !== undefined) reloadTls(server, this.#settings.tls, log)
  }

  async #serve(): Promise<void> {
    const running = await this.#prepare()
    this.#running = running
    const { server, log, pidFile } = running
    const closed = new Promise<void>((resolve) => {
      server.once('closed', () => resolve())
    })
    try {
      await this.#start(running)
      await closed
      log.write('INFO', 'Shutdown complete')
    } catch (error) {
      // Standard error hears of it in any case.
      if (this.#settings.log.file !== 'stderr') log.write('FATAL', describeError(error))
      await server.close()
      throw error
    } finally {
      this.#running = undefined
      removePidFile(pidFile, log)
      await log.close(LOG_CLOSE_LIMIT_MS)
    }
  }

  /** All that can fail without the port, so that a port is open only if the rest works. */
  async #prepare(): Promise<Running & { readonly account: Account | undefined }> {
    const {
      server: options,
      tls,
      log: logSettings,
      pidFile: pidPath,
      user,
      dataFolder,
    } = this.#settings
    const account = user === undefined ? undefined : new Account(user)
    const syslog = logSettings.isSyslog ? await Syslog.open() : undefined
    const { store } = options
    const server = new GearmanServer({
      ...options,
      ...(tls !== undefined && { tls: readTlsFiles(tls) }),
      ...(store !== undefined &&
        account !== undefined && { store: new AccountStore(store, account) }),
    })
    const openFiles = (): Omit<Running, 'server'> => {
      if (dataFolder !== undefined) makeDataFolder(dataFolder)
      return {
        log: openLog(logSettings, syslog),
        pidFile: pidPath === undefined ? undefined : new PidFile(pidPath),
      }
    }
    const files = account === undefined ? openFiles() : await account.actAs(openFiles)
    return { ...files, server, account }
  }

  async #start(running: Running & { readonly account?: Account | undefined }): Promise<void> {
    const { server, log, pidFile, account } = running
    log.write('INFO', `Starting up with pid ${process.pid}, version ${SDK_VERSION}`)
    for (const notice of this.#settings.notices) log.writeAlways('WARNING', notice)
    logServerEvents(server, log)
    if (this.#isStopped) await server.close()
    const endpoint = await server.listen().catch((error: unknown) => {
      throw explainListenFailure(error)
    })
    account?.become()
    pidFile?.write()
    await this.#launch.ready(startLine(endpoint, server.httpAddress))
  }

  /** A defect of ours: the state of the server is unknown, so the process ends at once. */
  #die(error: unknown): void {
    const stack = error instanceof Error && error.stack !== undefined ? error.stack : String(error)
    const text = stack.replace(/\s*\n\s*/g, ' ')
    const running = this.#running
    running?.log.writeNow('FATAL', text)
    if (running !== undefined) removePidFile(running.pidFile, running.log)
    const isSaid = running !== undefined && this.#settings.log.file === 'stderr'
    const said = isSaid ? Promise.resolve() : this.#launch.failed(text)
    void said.finally(() => process.exit(1))
  }
}

/** A failure stands in the log: nobody waits for the outcome of a signal, and the server goes on. */
function reloadTls(server: GearmanServer, files: TlsFiles, log: ServerLog): void {
  try {
    server.reloadTls(readTlsFiles(files))
    log.write('NOTICE', 'the certificates were read again')
  } catch (error) {
    log.write('ERROR', `the old certificates stay in use: ${describeError(error)}`)
  }
}

function removePidFile(pidFile: PidFile | undefined, log: ServerLog): void {
  try {
    pidFile?.remove()
  } catch (error) {
    log.write('ERROR', describeError(error))
  }
}

function startLine(endpoint: ServerEndpoint, http: ServerEndpoint | undefined): string {
  const gear = `listening on ${formatEndpoint(endpoint)}`
  const both = http === undefined ? gear : `${gear}, HTTP on ${formatEndpoint(http)}`
  return `${both}, pid ${process.pid}`
}
