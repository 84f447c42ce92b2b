import { PacketType } from '../../protocol/packets.ts'
import type { FunctionQueue } from './function-queue.ts'

/**
 * Sends NOOP to sleeping workers of a function that have not got one yet.
 *
 * @param limit - how many at most; 0 for all (gearmand's option `--worker-wakeup`)
 */
export function wakeWorkers(queue: FunctionQueue, limit: number): void {
  let woken = 0
  while (limit === 0 || woken < limit) {
    const ability = queue.sleepers.shift()
    if (ability === undefined) return
    const { worker } = ability
    if (!worker.isSleeping || worker.isNooped) continue
    worker.isNooped = true
    worker.output.send(PacketType.NOOP, [])
    woken += 1
  }
}
