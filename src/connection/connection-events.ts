import type { ConnectionStateEvent } from './connection-state.ts'

/** What a connection manager tells of its connections. Events are for watching; results come from promises. */
export interface ConnectionEvents {
  /** A connection has changed its state: a server was reached, failed or lost. */
  state: (event: ConnectionStateEvent) => void
}
