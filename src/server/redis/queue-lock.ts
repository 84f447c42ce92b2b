import { randomBytes } from 'node:crypto'
import { sleep } from '../../core/sleep.ts'
import type { StoreOwner } from '../stores/queue-store.ts'
import type { QueueKeys } from './queue-keys.ts'
import type { RedisConnection } from './redis-connection.ts'
import { OPEN_SCRIPT } from './redis-scripts.ts'

/** The keys of a queue, as this package lays them out; a later version is refused. */
export const SCHEMA_VERSION = 1

/** Two looks at a lock that nobody renews differ by less: Redis rounds times to milliseconds. */
const ROUNDING_MS = 20

/** Who we are to a queue. */
export interface QueueTicket {
  /** Unlike that of any other opening. */
  readonly token: string
  /** For people. */
  readonly owner: string
  readonly lockTimeoutMs: number
}

/** Makes a ticket. */
export function makeTicket(
  { hostname, pid, since }: StoreOwner,
  lockTimeoutMs: number,
): QueueTicket {
  const owner = `${hostname}, process ${pid}, since ${since.toISOString()}`
  return { token: randomBytes(16).toString('hex'), owner, lockTimeoutMs }
}

/**
 * Locks a queue. A lock that is renewed while we look belongs to a server that runs; any other one is waited
 * for.
 *
 * Rejects with the name of the owner, or when a later version made the queue.
 *
 * @returns the highest key
 */
export async function lockQueue(
  connection: RedisConnection,
  keys: QueueKeys,
  ticket: QueueTicket,
): Promise<number> {
  let first: Found | undefined
  const lookMs = Math.ceil(ticket.lockTimeoutMs / 20)
  const startedAt = performance.now()
  for (;;) {
    // Not behind the answer: a lock that ended meanwhile is none that has no end.
    const askedAt = performance.now()
    const [kind, ...rest] = await connection.run(
      OPEN_SCRIPT,
      [keys.meta, keys.lock, keys.index],
      [SCHEMA_VERSION, ticket.token, ticket.lockTimeoutMs, ticket.owner],
    )
    const words = rest.map(String)
    if (String(kind) === 'open') return Math.max(...words.map(Number))
    if (String(kind) === 'newer') {
      throw new Error(
        `its keys have version ${words[0]}, made by a later gearman-sdk; this one knows version ${SCHEMA_VERSION}`,
      )
    }
    const found = { lock: words[0] ?? '', expiresAtMs: Number(words[1]) }
    first ??= found
    // One without an end was made by hand; it is as good as one that is renewed.
    const isEndless = askedAt - startedAt > 2 * Math.max(ticket.lockTimeoutMs, Number(words[2]))
    if (isEndless || isRenewed(first, found)) {
      throw new Error(`it is in use by ${ownerOf(found)}; another queueName makes another queue`)
    }
    await sleep(lookMs)
  }
}

interface Found {
  readonly lock: string
  readonly expiresAtMs: number
}

function isRenewed(first: Found, now: Found): boolean {
  return now.lock !== first.lock || now.expiresAtMs > first.expiresAtMs + ROUNDING_MS
}

/** The lock holds a token, a blank, and the name. */
function ownerOf({ lock }: Found): string {
  return lock.slice(lock.indexOf(' ') + 1)
}
