import { readdirSync, readFileSync } from 'node:fs'

const PATIENCE_MS = 1_000

/**
 * Waits, in this turn, until SIGSTOP has reached every thread of a process: on a busy machine some go on for a moment, and
 * still answer. Where there is no `/proc` it waits for nothing.
 *
 * @internal
 */
export function waitUntilHalted(pid: number): void {
  const deadlineMs = performance.now() + PATIENCE_MS
  while (!isHalted(pid) && performance.now() < deadlineMs) {
    // Reading /proc lets others run.
  }
}

function isHalted(pid: number): boolean {
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    return threads.every((thread) => isStopped(readFileSync(`/proc/${pid}/task/${thread}/stat`)))
  } catch {
    return true // gone, or not Linux: there is nothing to wait for
  }
}

/** The state stands behind the name, which is in brackets and may hold anything. */
function isStopped(stat: Buffer): boolean {
  const state = stat.toString('latin1').split(') ').at(-1)?.[0]
  return state === 'T' || state === 't'
}
