import { isIPv6 } from 'node:net'
import type { ServerEndpoint } from '../../server/index.ts'
import { systemReason } from '../describe-error.ts'
import { StartFailure } from './start-failure.ts'

/** `127.0.0.1:4730`, `[::1]:4730` */
export function formatEndpoint({ host, port }: ServerEndpoint): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`
}

/** Why the port could not be opened, for the person at the terminal. */
export function explainListenFailure(error: unknown): unknown {
  if (!(error instanceof Error) || !('server' in error)) return error
  const reason = systemReason(error.cause)
  return new StartFailure(`cannot listen on ${String(error.server)}: ${reason}`, { cause: error })
}
