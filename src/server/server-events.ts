import type { StoreError } from '../errors.ts'
import type { JobRejectReason, JobReturnReason } from './server-stats.ts'
import type { SetAsideRow } from './stores/queue-store.ts'

/** What the events about a job tell. Names and ids may be any bytes: each is one latin1 character. */
export interface ServerJob {
  /** The handle that clients and workers know it by. */
  readonly handle: string
  /** The function that it calls. */
  readonly functionName: string
  /** The unique id that the client gave it; may be empty. */
  readonly unique: string
  /** 0 high, 1 normal, 2 low. */
  readonly priority: 0 | 1 | 2
  /** A background submission made it or joined it. */
  readonly background: boolean
  /** How many bytes the worker gets. */
  readonly dataLength: number
}

/** What the events about a connection tell. */
export interface ServerPeer {
  /** A number that no other connection of this server has; the first column of `workers`. */
  readonly id: number
  /** The peer's address. */
  readonly address: string
}

/**
 * The events of {@link GearmanServer}. They are for watching: nothing a listener does changes the outcome, and
 * none of them carries a payload. One that nobody listens to costs next to nothing.
 *
 * A job that was accepted, or that the store had kept, is over with exactly one of `jobDone`, `jobFailed`, `jobLost` and `jobDropped`, unless
 * the server stops before.
 */
export interface ServerEvents {
  /** The server listens. */
  listening: (event: { readonly host: string; readonly port: number }) => void
  /** A peer connected. */
  connectionOpened: (event: ServerPeer) => void
  /**
   * A peer is gone; `error` is what broke the connection, if anything did: the socket's error, a limit that the
   * peer did not keep (ConnectionError), or bytes that are not Gearman's (ProtocolError).
   */
  connectionClosed: (event: ServerPeer & { readonly error: Error | undefined }) => void
  /** A peer was turned away when it connected: there are `maxConnections` already. */
  connectionRefused: (event: { readonly address: string }) => void
  /**
   * A packet of a peer was answered with ERROR `code` `text`, or a line is over `maxLineBytes` (code
   * `LINE_TOO_LONG`). Rejected submissions are `jobRejected` instead.
   */
  requestRefused: (event: ServerPeer & { readonly code: string; readonly text: string }) => void
  /**
   * A new job. `runAt` is the time before which no worker gets it, in milliseconds since 1970; `undefined`: at
   * once.
   */
  jobAccepted: (
    event: ServerJob & { readonly client: ServerPeer; readonly runAt: number | undefined },
  ) => void
  /** A submission joined a job that was there already; what is told is that job. */
  jobCoalesced: (event: ServerJob & { readonly client: ServerPeer }) => void
  /** A submission was answered with an error, and is no job. */
  jobRejected: (
    event: Omit<ServerJob, 'handle'> & {
      readonly client: ServerPeer
      readonly reason: JobRejectReason
    },
  ) => void
  /** A worker got the job, which could be grabbed since `waitTime` milliseconds. It may happen again after `jobReturned`. */
  jobAssigned: (
    event: ServerJob & { readonly worker: ServerPeer; readonly waitTime: number },
  ) => void
  /** The job was taken back from its worker and queued again; `retries` counts how often. */
  jobReturned: (
    event: ServerJob & {
      readonly worker: ServerPeer
      readonly reason: JobReturnReason
      readonly retries: number
    },
  ) => void
  /** The job is over: WORK_COMPLETE, `runTime` milliseconds after the worker got it. */
  jobDone: (event: ServerJob & { readonly worker: ServerPeer; readonly runTime: number }) => void
  /**
   * The job is over: WORK_FAIL, a result over `maxPacketBytes`, or WORK_EXCEPTION, `runTime` milliseconds after
   * the worker got it.
   */
  jobFailed: (
    event: ServerJob & {
      readonly worker: ServerPeer
      readonly runTime: number
      readonly reason: 'fail' | 'exception'
    },
  ) => void
  /** The job is given up: option `jobRetries` allows no more workers to be lost with it. */
  jobLost: (
    event: ServerJob & {
      readonly worker: ServerPeer
      readonly reason: JobReturnReason
      readonly retries: number
    },
  ) => void
  /**
   * The job is over without a result: an admin cancelled it, or the last client that waited for it left. A job
   * that runs while it is cancelled is over when its worker lets go of it.
   */
  jobDropped: (event: ServerJob & { readonly reason: 'cancelled' | 'abandoned' }) => void
  /**
   * The listening socket failed, no file descriptor is left for more connections, or a TLS handshake failed:
   * the message says why, as when a client's certificate is refused. The server goes on.
   */
  error: (event: { readonly error: Error }) => void
  /** The store is open, and its jobs are queued. `setAside` counts what in it was no job. */
  storeReplayed: (event: {
    readonly store: string
    readonly jobs: number
    readonly setAside: number
  }) => void
  /** A row of the store cannot be read. It was left out; the start goes on. */
  storeRowSetAside: (event: SetAsideRow & { readonly store: string }) => void
  /** The store tells something that an operator should know: an import, a setting that breaks promises. */
  storeNotice: (event: { readonly store: string; readonly message: string }) => void
  /**
   * The store took no changes. So many submissions of new jobs were refused for it (ERROR `QUEUE_ERROR`);
   * everything else goes on, and what ended is taken out of the store when it is back.
   */
  storeFailed: (event: { readonly error: StoreError; readonly refusedJobs: number }) => void
  /** The store takes changes again. */
  storeRecovered: (event: { readonly store: string }) => void
  /** The server begins to stop: by `close()`, or by the text command `shutdown`. */
  stopping: (event: { readonly graceful: boolean }) => void
  /** The server has stopped. */
  closed: (event: Record<string, never>) => void
}
