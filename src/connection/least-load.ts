import type { ServerCandidate, ServerStrategy } from './server-selection.ts'
import { WeightedTurns } from './weighted-turns.ts'

/** Below this an acceptance takes no time worth a difference: jobs take longer, and clocks of busy machines stumble. */
const SAME_LATENCY_MS = 10

/**
 * Fewest jobs, for its share: own jobs that are outstanding, or what the server reports when that is more. A share
 * is the weight, less while a server is eased in, and less the longer it takes to accept a job. Ties go round in
 * proportion to the shares: somebody who sends one job after the other has nothing outstanding at all.
 */
export function leastLoad(): ServerStrategy {
  const turns = new WeightedTurns()
  const loads: number[] = []
  return (candidates, { task }) => {
    const count = candidates.length
    let least = Number.POSITIVE_INFINITY
    turns.begin(count)
    for (let index = 0; index < count; index += 1) {
      const candidate = candidates[index]
      if (candidate === undefined) continue
      const share = shareOf(candidate)
      const load = jobsOf(candidate, task) / share
      turns.shares[index] = share
      loads[index] = load
      if (load < least) least = load
    }
    for (let index = 0; index < count; index += 1) {
      if ((loads[index] ?? 0) > least) turns.shares[index] = 0
    }
    return turns.next(candidates)
  }
}

function shareOf({ weight, easing, acceptLatency = 0 }: ServerCandidate): number {
  const share = weight * easing
  return acceptLatency > SAME_LATENCY_MS ? (share * SAME_LATENCY_MS) / acceptLatency : share
}

function jobsOf(candidate: ServerCandidate, task: string): number {
  const { outstandingJobs } = candidate
  const reported = candidate.reportedJobs(task)
  return reported === undefined || reported < outstandingJobs ? outstandingJobs : reported
}
