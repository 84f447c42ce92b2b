import type { IncomingMessage } from 'node:http'
import { BodyCollector } from '../../protocol/body-collector.ts'

/** What becomes of a body. Nothing is called when the client leaves in the middle of it. */
export interface RequestBodyHandler {
  /** So many bytes of it are held. */
  onProgress(bytes: number): void
  /** It is here. May be a view into a chunk. */
  onBody(body: Buffer): void
  /** It is over the limit. What was read is dropped, and so is the rest. */
  onTooLarge(): void
}

/** The length that a request announces; `undefined` for a body in chunks, and for none. */
export function announcedLength(request: IncomingMessage): number | undefined {
  const header = request.headers['content-length']
  // Node has refused what is no number.
  return header === undefined ? undefined : Number(header)
}

/** Reads the body of a request. Memory is taken as bytes arrive, not as the header claims. */
export function readRequestBody(
  request: IncomingMessage,
  maxBytes: number,
  handler: RequestBodyHandler,
): void {
  const wholeLength = announcedLength(request)
  const collector = new BodyCollector()
  let whole: Buffer | undefined
  let isTooLarge = false
  request.on('data', (chunk: Buffer) => {
    if (isTooLarge) return
    if (collector.length + chunk.length > maxBytes) {
      isTooLarge = true
      collector.take()
      handler.onTooLarge()
    } else if (chunk.length === wholeLength) {
      whole = chunk
    } else {
      collector.add(chunk)
      handler.onProgress(collector.length)
    }
  })
  request.once('end', () => {
    if (!isTooLarge) handler.onBody(whole ?? collector.take())
  })
}
