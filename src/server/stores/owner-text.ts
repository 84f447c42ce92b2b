import { hostname as thisHostname } from 'node:os'
import type { StoreOwner } from './queue-store.ts'

/** An owner as the refused second server names it. */
export function ownerText({ hostname, pid, since }: StoreOwner): string {
  return `${hostname}, process ${pid}, since ${since.toISOString()}`
}

/** Whether an owner, named by {@link ownerText}, is a process of this machine that does not exist any more. */
export function isDeadOwner(text: string): boolean {
  const pid = Number(/, process (\d+), since /.exec(text)?.[1])
  if (!text.startsWith(`${thisHostname()}, process `) || !(pid > 0)) return false
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
