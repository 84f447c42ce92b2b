import type { TlsOptions } from 'node:tls'
import type { ServerHttpOptions } from './http/http-options.ts'
import type { KeepFailedOptions, KeepResultsOptions } from './outcome-options.ts'
import type { QueueStore } from './stores/queue-store.ts'

/** TLS options of `node:tls`: `key` and `cert` at least. */
export type ServerTlsOptions = TlsOptions

/** Whose scheduling {@link ServerOptions.compat} asks for. */
export type ServerCompat = '1.1.20' | '2.0'

/** TCP keepalive with a time of its own. */
export interface ServerKeepAlive {
  /**
   * After how many milliseconds of silence the system begins to ask, at least 1000.
   * @defaultValue the system's, two hours on Linux
   */
  readonly idle?: number | undefined
}

/** gearmand's log levels, the gravest first. */
export type ServerLogLevel =
  | 'FATAL'
  | 'ALERT'
  | 'CRITICAL'
  | 'ERROR'
  | 'WARNING'
  | 'NOTICE'
  | 'INFO'
  | 'DEBUG'

/** Options of {@link GearmanServer}. They have gearmand's names where gearmand has them. */
export interface ServerOptions {
  /**
   * The address to listen on; `'0.0.0.0'` or `'::'` for all.
   * @defaultValue `'127.0.0.1'`; gearmand listens on all addresses
   */
  readonly host?: string | undefined
  /**
   * The TCP port; 0 for any free one, which `listen()` tells.
   * @defaultValue 4730
   */
  readonly port?: number | undefined
  /**
   * How many connections may wait to be accepted.
   * @defaultValue 511; gearmand's is 32
   */
  readonly backlog?: number | undefined
  /** Given: TLS with these options of `node:tls`, `key` and `cert` at least. Default: plain TCP. */
  readonly tls?: ServerTlsOptions | undefined
  /** Given: jobs over HTTP too, on a port of its own, always in plain text. Default: no HTTP. */
  readonly http?: ServerHttpOptions | undefined
  /**
   * Rotates the functions of each worker, so that one busy function does not starve the others.
   * @defaultValue false: a worker gets jobs of the function that it registered last, as long as there are any
   */
  readonly roundRobin?: boolean | undefined
  /**
   * Whose order of jobs holds for a worker of several functions.
   *
   * - `'1.1.20'`: function by function, the newest registration first; inside a function by priority.
   * - `'2.0'`: by priority over all functions of the worker, then function by function, always round robin.
   * @defaultValue `'1.1.20'`
   */
  readonly compat?: ServerCompat | undefined
  /**
   * Who may give the text commands `shutdown`, `pause`, `resume`, `purge`, `requeue` and `drop` beside peers on
   * loopback, who always may: addresses and CIDRs of IPv4 and IPv6, as a list or between commas. Anybody else is
   * answered `ERR NOT_ALLOWED`.
   * @defaultValue none: loopback only; gearmand obeys everybody
   */
  readonly adminFrom?: string | readonly string[] | undefined
  /**
   * What the text command `verbose` answers: the level that the program around this server logs at. The
   * server itself writes no log.
   * @defaultValue `'ERROR'`, as in gearmand
   */
  readonly verbose?: ServerLogLevel | undefined
  /**
   * How many sleeping workers one job wakes; 0 for all that can do it.
   * @defaultValue 0
   */
  readonly workerWakeup?: number | undefined
  /**
   * How many workers may be lost with a job, by disconnect or timeout, until it fails; 0 for any number.
   * A job that a worker reports as failed is never run again.
   * @defaultValue 0
   */
  readonly jobRetries?: number | undefined
  /**
   * Sends WORK_EXCEPTION to all clients, also to those that did not ask for it.
   * @defaultValue false
   */
  readonly exceptions?: boolean | undefined
  /**
   * What stands before `:N` in job handles, 1 to 47 bytes of printable ASCII without spaces.
   * @defaultValue `'H:'` and the host name
   */
  readonly jobHandlePrefix?: string | undefined
  /**
   * The largest packet body in bytes. A larger one is skipped, never held, and answered with an error.
   * @defaultValue 256 MiB
   */
  readonly maxPacketBytes?: number | undefined
  /**
   * The longest text command in bytes; a longer one closes the connection.
   * @defaultValue 8192, as in gearmand
   */
  readonly maxLineBytes?: number | undefined
  /**
   * The longest argument of a packet in bytes, its data left out: function names, client ids.
   * @defaultValue 8192, as in gearmand
   */
  readonly maxArgumentBytes?: number | undefined
  /**
   * How many bytes may wait for a peer that does not read, until its connection is closed.
   * @defaultValue 512 MiB
   */
  readonly maxUnsentBytes?: number | undefined
  /**
   * How many bytes all connections together may hold, of packets that are not whole yet and of answers that
   * peers do not read. Beyond it the connection that holds the most is closed. Queued jobs are not counted.
   * @defaultValue 2 GiB
   */
  readonly maxBufferedBytes?: number | undefined
  /**
   * How many connections there may be at once, on each port; one more is closed at once.
   * @defaultValue no limit but the system's number of open files
   */
  readonly maxConnections?: number | undefined
  /**
   * How many milliseconds a TLS handshake may take until its connection is closed.
   * @defaultValue 10000
   */
  readonly handshakeTimeout?: number | undefined
  /**
   * After how many milliseconds without a byte a connection is closed that has begun a packet or a line and
   * does not go on, or has closed its side and does not read its answers. However slowly, who goes on is not
   * closed. Up to a quarter more may pass. `Infinity` for no limit.
   * @defaultValue 60000
   */
  readonly stallTimeout?: number | undefined
  /**
   * After how many milliseconds without a byte, either way, a connection is closed that has no running job,
   * waits for no foreground job, and does not sleep as a worker. Up to half as much more may pass.
   * @defaultValue no limit
   */
  readonly idleTimeout?: number | undefined
  /**
   * For graceful stops: how many milliseconds a server on which no job runs waits for a worker to take a
   * queued job, and for the store, until it closes all the same. Background jobs stay in the store, if there
   * is one; clients of foreground jobs see their connection closed. `Infinity` for no limit.
   * @defaultValue 10000; gearmand waits for ever
   */
  readonly drainTimeout?: number | undefined
  /**
   * TCP keepalive: the system finds peers that vanished without a word. How often it asks is the system's.
   * @defaultValue true, with the system's times
   */
  readonly keepAlive?: boolean | ServerKeepAlive | undefined
  /**
   * Where background jobs are kept: JOB_CREATED for one means that the store has it. `listen()` opens it and
   * queues what is in it, `close()` closes it. A store serves one server.
   * @defaultValue none: jobs live in memory, and are gone when the server stops
   */
  readonly store?: QueueStore | undefined
  /**
   * How many submissions may wait until the store has them. Beyond that, one is answered with ERROR
   * `QUEUE_ERROR` at once.
   * @defaultValue 100,000
   */
  readonly maxUncommittedJobs?: number | undefined
  /**
   * How many bytes of data may wait until the store has them. Beyond that, a submission is answered with
   * ERROR `QUEUE_ERROR` at once; one job alone may be larger.
   * @defaultValue 256 MiB
   */
  readonly maxUncommittedBytes?: number | undefined
  /**
   * Keeps background jobs that failed, threw, or were lost with too many workers (`jobRetries`), with their data,
   * the reason and the exception: in memory, and in the store if that can. They are listed, queued again and
   * deleted by the text commands `list failed`, `requeue failed` and `purge failed`.
   * @defaultValue false: a job that failed is gone, as in gearmand
   */
  readonly keepFailed?: boolean | KeepFailedOptions | undefined
  /**
   * Keeps what became of background jobs for a while, their results and exceptions, for those who ask by handle or
   * unique id (`GearmanClient.getJobResult`): in memory, and in the store if that can.
   * @defaultValue none: nobody learns the result of a background job, as in gearmand
   */
  readonly keepResults?: KeepResultsOptions | undefined
}
