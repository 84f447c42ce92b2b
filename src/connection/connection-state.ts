import type { GearmanError } from '../errors.ts'

/** What a connection is for: no role can close, block or misread another's (design 3.1). */
export type ConnectionRoleName = 'client' | 'worker' | 'admin'

/**
 * The states of one connection.
 *
 * - `idle`: nobody has used it yet.
 * - `connecting`: TCP or TLS is being set up, or the first reply is awaited.
 * - `ready`: the server has answered; packets are sent at once.
 * - `failed`: the last attempt failed, or the connection was lost; the next attempt follows after a delay.
 * - `draining`: takes nothing new; what was queued is written, and a worker's jobs that run may end.
 * - `closed`: for good.
 */
export type ConnectionState = 'idle' | 'connecting' | 'ready' | 'failed' | 'draining' | 'closed'

/** A change of a connection's state. */
export interface ConnectionStateEvent {
  /** The server as `host:port`. */
  readonly server: string
  /** What the connection is for. */
  readonly role: ConnectionRoleName
  /** The state before. */
  readonly from: ConnectionState
  /** The state now. */
  readonly to: ConnectionState
  /** Why, when the new state is `failed`. */
  readonly error: GearmanError | undefined
  /** When the server is dialled again, in milliseconds since 1970, when the new state is `failed`. */
  readonly retryAt: number | undefined
}

/** How one connection is at the moment of asking. */
export interface ConnectionSnapshot {
  /** The server as `host:port`. */
  readonly server: string
  /** What the connection is for. */
  readonly role: ConnectionRoleName
  /** The state. */
  readonly state: ConnectionState
  /** Since when, in milliseconds since 1970. */
  readonly since: number
  /** While the state is `failed`: when the server is dialled again, in milliseconds since 1970; sooner if it is needed. */
  readonly retryAt: number | undefined
  /** Why the server could not be reached, or was lost, last; kept when it is back. */
  readonly lastError: GearmanError | undefined
  /** See `outstandingJobs` of a connection. */
  readonly outstandingJobs: number
  /** How long the server took to answer the last ECHO, or the first packet, in milliseconds. */
  readonly roundTripTime: number | undefined
}

const NEXT_STATES: { readonly [State in ConnectionState]: readonly ConnectionState[] } = {
  idle: ['connecting', 'closed'],
  connecting: ['ready', 'failed', 'closed'],
  ready: ['failed', 'draining'],
  failed: ['connecting', 'closed'],
  draining: ['closed'],
  closed: [],
}

/** A change that the table does not know is a fault of this package, hence a plain `Error`. */
export function assertTransition(from: ConnectionState, to: ConnectionState): void {
  if (!NEXT_STATES[from].includes(to))
    throw new Error(`a connection cannot go from ${from} to ${to}`)
}
