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
