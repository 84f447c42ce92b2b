import type {
  OpenedStore,
  QueueChanges,
  QueueStore,
  StoreCapabilities,
  StoreContext,
  StoredJob,
  StoredOutcome,
} from '../../server/index.ts'
import type { Account } from './account.ts'

/**
 * A store that is opened with the rights of the account that the server will run as: its files are that
 * account's, while the port, which is opened after it, may need root.
 */
export class AccountStore implements QueueStore {
  readonly name: string
  readonly capabilities: StoreCapabilities
  /** As with every store: there only if it keeps failed jobs. */
  readonly replayOutcomes?: () => AsyncIterable<readonly StoredOutcome[]>
  readonly #store: QueueStore
  readonly #account: Account

  constructor(store: QueueStore, account: Account) {
    this.name = store.name
    this.capabilities = store.capabilities
    this.#store = store
    this.#account = account
    if (store.replayOutcomes !== undefined) {
      this.replayOutcomes = store.replayOutcomes.bind(store)
    }
  }

  async open(context: StoreContext): Promise<OpenedStore> {
    return await this.#account.actAs(() => this.#store.open(context))
  }

  replay(): AsyncIterable<readonly StoredJob[]> {
    return this.#store.replay()
  }

  commit(changes: QueueChanges): Promise<void> {
    return this.#store.commit(changes)
  }

  close(): Promise<void> {
    return this.#store.close()
  }
}
