import type { QueueChanges, StoredJob } from './queue-store.ts'

/** Changes of which no two are about the same job: they can be made in any order, or all at once. */
export interface FoldedChanges {
  readonly added: readonly StoredJob[]
  /** Jobs that are not among the added and the removed ones, with their retries. */
  readonly updated: ReadonlyMap<number, number>
  readonly removed: readonly number[]
  readonly highestKey: number | undefined
}

/**
 * For stores that write a commit in one statement. A job that is added and removed is only removed: an earlier
 * commit that failed may have written it.
 */
export function foldChanges({ added, updated, removed, highestKey }: QueueChanges): FoldedChanges {
  const retries = new Map(updated.map((update) => [update.key, update.retries]))
  if (retries.size === 0 && removed.length === 0) {
    return { added, updated: retries, removed, highestKey }
  }
  const gone = new Set(removed)
  for (const key of gone) retries.delete(key)
  const kept: StoredJob[] = []
  for (const job of added) {
    if (gone.has(job.key)) continue
    const newRetries = retries.get(job.key)
    retries.delete(job.key)
    kept.push(newRetries === undefined ? job : { ...job, retries: newRetries })
  }
  return { added: kept, updated: retries, removed: Array.from(gone), highestKey }
}
