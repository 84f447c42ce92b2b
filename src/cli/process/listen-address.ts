import { BlockList, isIPv6 } from 'node:net'
import type { ServerEndpoint } from '../../server/index.ts'
import { StartFailure, systemReason } from './start-failure.ts'

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

/** Whether only this machine reaches an address. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.check(host, isIPv6(host) ? 'ipv6' : 'ipv4')
}

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
