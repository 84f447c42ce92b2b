import type { FunctionQueue } from './function-queue.ts'
import type { Peer } from './peer.ts'

/** One CAN_DO or CAN_DO_TIMEOUT of one connection. */
export class Ability {
  readonly worker: Peer
  readonly queue: FunctionQueue
  /** How long the worker may take for one job, in milliseconds; 0 for as long as it likes. */
  readonly timeoutMs: number
  /** Higher than that of every registration of its worker which comes later. */
  rank = 0
  /** Its neighbours in the ring of sleeping workers, which that ring keeps. */
  previousAsleep: Ability | undefined = undefined
  nextAsleep: Ability | undefined = undefined
  isInRing = false

  constructor(worker: Peer, queue: FunctionQueue, timeoutMs: number) {
    this.worker = worker
    this.queue = queue
    this.timeoutMs = timeoutMs
  }
}
