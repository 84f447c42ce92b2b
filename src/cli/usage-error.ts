/** A wrong command line, environment or config file: one line for the user, and nothing was started. */
export class UsageError extends Error {
  static {
    UsageError.prototype.name = 'UsageError'
  }
}
