import type { JobOutcome } from './queue/job-table.ts'

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

/** The events of {@link GearmanServer}. They are for watching: nothing a listener does changes the outcome. */
export interface ServerEvents {
  /** The server listens. */
  listening: (event: { readonly host: string; readonly port: number }) => void
  /** A peer connected. */
  connectionOpened: (event: ServerPeer) => void
  /** A peer is gone; `error` is what broke the connection, if anything did. */
  connectionClosed: (event: ServerPeer & { readonly error: Error | undefined }) => void
  /** A new job; not emitted for a submission that joined one. */
  jobAccepted: (event: ServerJob) => void
  /** A worker got the job. The same job may start again after a worker is lost. */
  jobStarted: (event: ServerJob & { readonly worker: ServerPeer }) => void
  /** The job is over: done, failed, cancelled, given up (`lost`), or nobody waited for it any more. */
  jobFinished: (event: ServerJob & { readonly outcome: JobOutcome }) => void
  /** The listening socket failed, or a TLS handshake did. The server goes on. */
  error: (event: { readonly error: Error }) => void
  /** The server has stopped: by `close()`, or by the text command `shutdown`. */
  closed: (event: Record<string, never>) => void
}
