import { show } from '../core/checks.ts'
import { InvalidArgumentError } from '../errors.ts'
import { leastLoad } from './least-load.ts'
import { rendezvousScore } from './rendezvous-hash.ts'
import { at, WeightedTurns } from './weighted-turns.ts'

/** A server that a job can go to now, and what is known of it. */
export interface ServerCandidate {
  /** The server as `host:port`. */
  readonly server: string
  /** Jobs of this client on that server: submitted and not answered, or in the foreground and not ended. */
  readonly outstandingJobs: number
  /**
   * Milliseconds from submitting a job to its acceptance, smoothed; of one that has not been answered for long its age.
   * `undefined`: not measured yet.
   */
  readonly acceptLatency: number | undefined
  /** Its share beside the others, from the option `weights`. Default 1. */
  readonly weight: number
  /** 1; of a server that has just come back a tenth, which grows to 1 within the option `easeInTime`. */
  readonly easing: number
  /**
   * Jobs of a task that the server holds, waiting or running, of all clients: what it reported last, and what was sent
   * in the background since. `undefined` unless the option `queueProbeInterval` is on, and before the first report.
   */
  reportedJobs(task: string): number | undefined
}

/** What a strategy may look at. */
export interface JobToPlace {
  /** The task of the job. */
  readonly task: string
  /** Its unique id. */
  readonly unique: string
}

/**
 * Chooses the server of a job that has no unique id of the caller's own. Called with two or more candidates that are
 * ready, in the order of the host list, and must return one of them at once: anything else, a promise too, fails the
 * job with InvalidArgumentError, and what it throws fails the job as well. It is called for each job: keep it short.
 */
export type ServerStrategy = <Candidate extends ServerCandidate>(
  candidates: readonly Candidate[],
  job: JobToPlace,
) => Candidate

/** The strategies that are there by name. */
export type ServerStrategyName = 'least-load' | 'round-robin' | 'random'

/**
 * The strategy of an option.
 *
 * @throws InvalidArgumentError for an unknown name
 */
export function resolveStrategy(
  strategy: ServerStrategyName | ServerStrategy | undefined,
): ServerStrategy {
  if (typeof strategy === 'function') return checked(strategy)
  switch (strategy) {
    case undefined:
    case 'least-load':
      return leastLoad()
    case 'round-robin':
      return roundRobin()
    case 'random':
      return random
    default:
      throw new InvalidArgumentError(
        'strategy',
        `must be 'least-load', 'round-robin', 'random' or a function, not ${show(strategy)}`,
      )
  }
}

/**
 * The server of a job with the caller's own unique id: rendezvous hashing, so that all clients with the
 * same list of servers and the same weights send equal jobs to the same one, where they coalesce. Load and easing
 * play no part.
 *
 * @param key - what makes jobs equal: their task and unique id, or their data
 */
export function placeByHash<Candidate extends { readonly server: string; readonly weight: number }>(
  candidates: readonly Candidate[],
  key: string | Uint8Array,
  task: string,
): Candidate | undefined {
  let best: Candidate | undefined
  let bestScore = Number.NEGATIVE_INFINITY
  for (const candidate of candidates) {
    const score = rendezvousScore(candidate.server, candidate.weight, task, key)
    if (score > bestScore) {
      best = candidate
      bestScore = score
    }
  }
  return best
}

/** A strategy of the caller's own, whose answers are not trusted. */
function checked(strategy: ServerStrategy): ServerStrategy {
  return (candidates, job) => {
    const chosen: unknown = strategy(candidates, job)
    const found = candidates.find((candidate) => candidate === chosen)
    if (found !== undefined) return found
    const listed = candidates.map(({ server }) => server).join(', ')
    throw new InvalidArgumentError(
      'strategy',
      `must return one of its candidates (${listed}), not ${show(chosen)}`,
    )
  }
}

function roundRobin(): ServerStrategy {
  const turns = new WeightedTurns()
  return (candidates) => {
    turns.begin(candidates.length)
    for (const [index, { weight, easing }] of candidates.entries()) {
      turns.shares[index] = weight * easing
    }
    return turns.next(candidates)
  }
}

const random: ServerStrategy = (candidates) => {
  let total = 0
  for (const { weight, easing } of candidates) total += weight * easing
  let left = Math.random() * total
  for (const candidate of candidates) {
    left -= candidate.weight * candidate.easing
    if (left < 0) return candidate
  }
  return at(candidates, candidates.length - 1) // Rounding may leave a rest.
}
