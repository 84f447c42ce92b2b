import type { ServerOptions } from '../server/index.ts'

/** gearmand's log levels, the gravest first, as its option `--verbose` names them. */
export const LOG_LEVELS = [
  'FATAL',
  'ALERT',
  'CRITICAL',
  'ERROR',
  'WARNING',
  'NOTICE',
  'INFO',
  'DEBUG',
] as const

/** One of {@link LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Where log lines go. */
export interface LogSettings {
  /** Lines below this level are not written. */
  readonly level: LogLevel
  /** A path, `stderr`, or `none`. */
  readonly file: string
  /** Also to syslog. */
  readonly isSyslog: boolean
}

/** The files of a TLS server; read at start, and again on SIGHUP. */
export interface TlsFiles {
  readonly keyFile: string
  readonly certificateFile: string
  /** Certificate authorities that client certificates are checked against. */
  readonly caFile: string | undefined
  /** A client without a certificate of one of these authorities is refused. */
  readonly isClientVerified: boolean
}

/** What command line, environment and config file say together: checked, complete, nothing read or opened yet. */
export interface ServerSettings {
  /** Without `tls`, which is made of {@link ServerSettings.tls} when the server starts. */
  readonly server: ServerOptions
  readonly tls: TlsFiles | undefined
  readonly log: LogSettings
  /** Runs detached from the terminal, once the port is open. */
  readonly isDaemon: boolean
  readonly pidFile: string | undefined
  /** Made at the start when it is not there. */
  readonly dataFolder: string | undefined
  /** The account to run as, once the port is open. */
  readonly user: string | undefined
  /** What the log says once at the start: options that mean something else here, or nothing. */
  readonly notices: readonly string[]
}
