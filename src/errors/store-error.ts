import { GearmanError, GearmanErrorCode } from './gearman-error.ts'

/**
 * The store of a job server cannot be opened, read or written. {@link store} names it; the message is one
 * line for an operator, what the database said is the `cause`. Code `ERR_GEARMAN_STORE`.
 *
 * From `listen()`: nothing was started. As an event: the jobs that were to be stored were refused with
 * `QUEUE_ERROR`, the server goes on and tries again.
 */
export class StoreError extends GearmanError {
  /** The kind and the place of the store, as in `sqlite /var/lib/jobs.db`. */
  readonly store: string

  constructor(message: string, options: ErrorOptions & { readonly store: string }) {
    super(message, { ...options, code: GearmanErrorCode.Store })
    this.store = options.store
  }

  static {
    StoreError.prototype.name = 'StoreError'
  }
}
