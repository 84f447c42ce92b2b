import type { QueueStore } from '../../server/index.ts'
import type { OptionSection } from '../options/server-option.ts'
import type { StoreValues } from './store-values.ts'

/** A kind of persistent queue, as the command line sees it. */
export interface StoreKind {
  /** What `--queue-type` takes, in upper or lower case: gearmand's name first, then ours. */
  readonly names: readonly [string, ...string[]]
  /** The options that describe it. Their rows put what is given into the draft's `store.values`. */
  readonly section: OptionSection
  /**
   * Makes the store; nothing is loaded or opened yet.
   *
   * @throws UsageError about an option that is missing, InvalidArgumentError about a value
   */
  create(values: StoreValues): QueueStore
}
