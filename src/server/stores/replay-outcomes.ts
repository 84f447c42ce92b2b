import { show } from '../../core/checks.ts'
import type { JobTable } from '../queue/job-table.ts'
import type { QueueStore, SetAsideRow, StoredOutcome, StoredOutcomeKind } from './queue-store.ts'
import { problemOf } from './replay-jobs.ts'

const KINDS: readonly StoredOutcomeKind[] = ['completed', 'failed', 'exception', 'lost']

/** Brings back what the store has kept of jobs that are over. What is no such thing is set aside. */
export async function replayOutcomes(
  store: QueueStore,
  table: JobTable,
  setAside: (row: SetAsideRow) => void,
): Promise<void> {
  if (!table.outcomes.isOn || store.replayOutcomes === undefined) return
  const outcomes: StoredOutcome[] = []
  for await (const batch of store.replayOutcomes()) {
    for (const outcome of batch) {
      const problem = problemOfOutcome(outcome)
      if (problem === undefined) outcomes.push(outcome)
      else setAside({ row: `outcome of job ${show(outcome?.job?.key)}`, reason: problem })
    }
  }
  table.outcomes.restore(outcomes, (key) => table.handles.has(key))
}

function problemOfOutcome(outcome: StoredOutcome): string | undefined {
  const problem = problemOf(outcome?.job, 0)
  if (problem !== undefined) return problem
  if (!KINDS.includes(outcome.kind)) return `its kind is none of ${KINDS.join(', ')}`
  if (!Buffer.isBuffer(outcome.output)) return 'its output is no Buffer'
  return Number.isSafeInteger(outcome.endedAtMs) ? undefined : 'the time of its end is none'
}
