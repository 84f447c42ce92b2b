import type { StoreOwner } from './queue-store.ts'

/** An owner as the refused second server names it. */
export function ownerText({ hostname, pid, since }: StoreOwner): string {
  return `${hostname}, process ${pid}, since ${since.toISOString()}`
}
