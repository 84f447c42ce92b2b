import type { ResolvedServerOptions } from '../resolved-server-options.ts'
import type { HttpContext } from './http-exchange.ts'
import { HttpFront, type HttpFrontHandler } from './http-front.ts'

/** The HTTP front that the options of a server ask for, if they do. */
export function createHttpFront(
  options: ResolvedServerOptions,
  parts: Pick<HttpContext, 'table' | 'submissions' | 'observer' | 'onHeld'>,
  handler: HttpFrontHandler,
): HttpFront | undefined {
  if (options.http === undefined) return undefined
  const { host, port, isCompatible } = options.http
  return new HttpFront(
    {
      host,
      port,
      backlog: options.backlog,
      keepAlive: options.keepAlive,
      keepAliveIdleMs: options.keepAliveIdleMs,
      maxConnections: options.maxConnections,
      idleTimeoutMs: options.idleTimeoutMs,
    },
    {
      ...parts,
      isCompatible,
      maxArgumentBytes: options.maxArgumentBytes,
      maxUnsentBytes: options.maxUnsentBytes,
      stallTimeoutMs: options.stallTimeoutMs,
      maxBodyBytes: options.maxPacketBytes,
      // Who wants to know what happened wants to know this too.
      wantsExceptions: options.exceptions || !isCompatible,
    },
    handler,
  )
}
