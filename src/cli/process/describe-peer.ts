import type { ServerPeer } from '../../server/index.ts'

/** A peer in the log: its address, and the number that the text command `workers` shows. */
export function describePeer({ id, address }: ServerPeer): string {
  return `${address} (${id})`
}
