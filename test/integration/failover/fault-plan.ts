import type { FaultDirection } from 'gearman-sdk/testing'

/**
 * What is done to one server.
 *
 * - `kill`, `stop`: SIGKILL or SIGTERM, and started again after a while
 * - `freeze`, `freezeAndKill`: SIGSTOP, and after a while SIGCONT or SIGKILL and a start
 * - `cut`: its connections are reset
 * - `refuse`: the same, and for a while nobody can connect
 * - `silence`: nothing passes for a while, then everything does
 * - `drop`: what passes is lost for a while, then the connections are reset
 * - `halfClose`: one direction of its connections ends
 * - `slow`: what passes is late, and in small pieces
 */
export const FAULT_KINDS = [
  'kill',
  'stop',
  'freeze',
  'freezeAndKill',
  'cut',
  'refuse',
  'silence',
  'drop',
  'halfClose',
  'slow',
] as const

export type FaultKind = (typeof FAULT_KINDS)[number]

/** Whose connections a fault of the network concerns. */
export type FaultSide = 'clients' | 'workers'

/** One fault of a plan. */
export interface PlannedFault {
  readonly kind: FaultKind
  /** How long the server is left in peace before. */
  readonly pauseMs: number
  /** How long it lasts. */
  readonly forMs: number
  readonly sides: readonly FaultSide[]
  readonly direction: FaultDirection
  readonly delayMs: number
  readonly splitBytes: number
}

const MAX_PAUSE_MS = 1500
const MAX_FAULT_MS = 2500
const SIDES: readonly (readonly FaultSide[])[] = [['clients'], ['workers'], ['clients', 'workers']]

/**
 * What happens to one server, one after the other: the same for the same random numbers.
 *
 * @param random - gives numbers from 0 to 1
 * @param durationMs - how long it goes on
 */
export function planFaults(random: () => number, durationMs: number): PlannedFault[] {
  const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const plan: PlannedFault[] = []
  for (let atMs = 0; ; ) {
    const fault: PlannedFault = {
      pauseMs: Math.round(200 + random() * MAX_PAUSE_MS),
      kind: one(FAULT_KINDS),
      // Short ones are as important as long ones: they hit what is just beginning again.
      forMs: Math.round(random() ** 2 * MAX_FAULT_MS),
      sides: one(SIDES),
      direction: one(['to-server', 'to-client'] as const),
      delayMs: Math.round(random() * 100),
      splitBytes: 1 + Math.floor(random() * 40),
    }
    atMs += fault.pauseMs + fault.forMs
    if (atMs > durationMs) return plan
    plan.push(fault)
  }
}
