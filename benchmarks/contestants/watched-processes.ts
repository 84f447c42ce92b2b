import { peakMib, processorMs } from '../harness/process-usage.ts'
import type { ProcessSample } from './scenario.ts'

/** The processor time and memory of the processes of one run. */
export class WatchedProcesses {
  readonly #processes: { role: ProcessSample['role']; pid: number; beforeMs: number }[] = []

  /** Counts from now on. */
  add(role: ProcessSample['role'], pid: number): void {
    this.#processes.push({ role, pid, beforeMs: processorMs(pid) })
  }

  /** What each has needed, while they still run. */
  samples(): ProcessSample[] {
    return this.#processes.map(({ role, pid, beforeMs }) => ({
      role,
      processorSeconds: (processorMs(pid) - beforeMs) / 1000,
      peakMib: peakMib(pid),
    }))
  }
}
