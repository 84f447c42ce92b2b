import type { QueueStore } from '../server/index.ts'

/** An empty queue, for one check. What a store cannot do is left out: those checks are skipped. */
export interface QueueStoreFixture {
  /** Makes a store on this queue, not open yet; called several times, each object sees the same jobs. */
  createStore(): QueueStore
  /** Makes a store at the same place, but with another queue name. */
  createOtherStore?(): QueueStore
  /** Makes the queue look as if a later version of the store had written it. No store is open. */
  makeNewer?(): Promise<void>
  /** Puts something into the queue that is no job. No store is open; one was before. */
  addUnreadableRow?(): Promise<void>
  /** Called at the end, with all stores closed: deletes the queue. */
  remove?(): Promise<void>
}
