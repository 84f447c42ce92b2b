import type { ErrorReply } from '../queue/error-replies.ts'

/** Thrown by a request handler whose request is answered with an ERROR packet; never leaves the session. */
export class RequestRefused extends Error {
  readonly reply: ErrorReply

  constructor(reply: ErrorReply) {
    super(reply[1])
    this.reply = reply
  }

  static {
    RequestRefused.prototype.name = 'RequestRefused'
  }
}
