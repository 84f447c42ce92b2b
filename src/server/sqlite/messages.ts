import type { ExportedJobs, SetAsideRow, StoredJobUpdate } from '../stores/queue-store.ts'
import type { JobBlock } from './job-block.ts'
import type { OutcomeBlock } from './outcome-block.ts'

/** What the thread of a store is told when it starts. */
export interface ThreadData {
  readonly path: string
  readonly gearmandTable: string
  /** Somebody chose that name: it has to be right. */
  readonly isGearmandTableNamed: boolean
}

/** What the thread is asked. It answers each with one {@link ThreadReply}, in order. */
export type ThreadRequest =
  | {
      readonly type: 'open'
      readonly owner: string
      /** Whether a replay follows: only then may jobs of gearmand's come in. */
      readonly isFirst: boolean
    }
  | { readonly type: 'replay'; readonly afterKey: number }
  | { readonly type: 'replayOutcomes'; readonly afterKey: number }
  | {
      readonly type: 'commit'
      readonly added: JobBlock
      readonly updated: readonly StoredJobUpdate[]
      readonly removed: Float64Array<ArrayBuffer>
      readonly outcomes: OutcomeBlock | undefined
      readonly forgotten: readonly number[]
      readonly highestKey: number | undefined
    }
  | { readonly type: 'export' }
  | { readonly type: 'close' }

/** What the thread says on its own. */
export type ThreadNews =
  | { readonly type: 'notice'; readonly message: string }
  | { readonly type: 'setAside'; readonly row: SetAsideRow }

/** The highest key of `open`, the block of `replay`, that of `replayOutcomes`, the counts of `export`. */
export type ReplyValue = number | JobBlock | OutcomeBlock | ExportedJobs | undefined

/** An answer. */
export type ThreadReply =
  | { readonly type: 'done'; readonly value: ReplyValue }
  | { readonly type: 'failed'; readonly message: string; readonly code: string | undefined }
