import type { TypedEmitter } from '../../core/typed-emitter.ts'
import type { StoreError } from '../../errors.ts'
import type { ServerEvents } from '../server-events.ts'
import type { SetAsideRow } from './queue-store.ts'

/** Who is told what happens to a store. */
export interface StoreReports {
  onReplayed(event: { readonly jobs: number; readonly setAside: number }): void
  onSetAside(row: SetAsideRow): void
  onNotice(message: string): void
  onFailed(event: { readonly error: StoreError; readonly refusedJobs: number }): void
  onRecovered(): void
  /** Everything is written. */
  onIdle(): void
}

/** Turns what happens to a store into events. */
export function createStoreReports(
  store: string,
  events: TypedEmitter<ServerEvents>,
  onIdle: () => void,
): StoreReports {
  return {
    onReplayed: (event) => events.emit('storeReplayed', { store, ...event }),
    onSetAside: (row) => events.emit('storeRowSetAside', { store, ...row }),
    onNotice: (message) => events.emit('storeNotice', { store, message }),
    onFailed: (event) => events.emit('storeFailed', event),
    onRecovered: () => events.emit('storeRecovered', { store }),
    onIdle,
  }
}
