/** Thrown while a request is read, for what HTTP itself has a status code; never leaves the front. */
export class HttpRefused extends Error {
  readonly status: number

  /** @param message - what the client is told, as text */
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }

  static {
    HttpRefused.prototype.name = 'HttpRefused'
  }
}
