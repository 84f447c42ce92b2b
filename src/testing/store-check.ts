import type { StoreRun } from './store-run.ts'

/** One check as it is written here. */
export interface StoreCheck {
  readonly name: string
  /** Rejects with {@link Inapplicable} when the store cannot be asked for that. */
  readonly check: (run: StoreRun) => Promise<void>
}

/** Ends a check that says nothing about this store; the message is why. */
export class Inapplicable extends Error {}
