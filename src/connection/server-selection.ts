import { show } from '../core/checks.ts'
import { InvalidArgumentError } from '../errors.ts'
import { rendezvousWeight } from './rendezvous-hash.ts'

/** A server that a job can go to now. */
export interface ServerCandidate {
  /** The server as `host:port`. */
  readonly server: string
  /** Jobs of this client on that server: submitted and not answered, or in the foreground and not ended. */
  readonly outstandingJobs: number
}

/** What a strategy may look at. */
export interface JobToPlace {
  /** The task of the job. */
  readonly task: string
  /** Its unique id. */
  readonly unique: string
}

/**
 * Chooses the server of a job that has no unique id of the caller's own. Called with at least one
 * candidate, and must return one of them. It is called for each job: keep it short.
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
  if (typeof strategy === 'function') return strategy
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
 * same list of servers send equal jobs to the same one, where they coalesce. Load plays no part.
 *
 * @param key - what makes jobs equal: their task and unique id, or their data
 */
export function placeByHash<Candidate extends { readonly server: string }>(
  candidates: readonly Candidate[],
  key: string | Uint8Array,
  task: string,
): Candidate | undefined {
  let best: Candidate | undefined
  let bestWeight = -1
  for (const candidate of candidates) {
    const weight = rendezvousWeight(candidate.server, task, key)
    if (weight > bestWeight) {
      best = candidate
      bestWeight = weight
    }
  }
  return best
}

/** Fewest outstanding jobs; ties go round. */
function leastLoad(): ServerStrategy {
  let turn = 0
  return (candidates) => {
    turn += 1
    const count = candidates.length
    let best = at(candidates, turn % count)
    for (let step = 1; step < count; step += 1) {
      const candidate = at(candidates, (turn + step) % count)
      if (candidate.outstandingJobs < best.outstandingJobs) best = candidate
    }
    return best
  }
}

function roundRobin(): ServerStrategy {
  let turn = -1
  return (candidates) => {
    turn = (turn + 1) % candidates.length
    return at(candidates, turn)
  }
}

const random: ServerStrategy = (candidates) =>
  at(candidates, Math.floor(Math.random() * candidates.length))

function at<T>(list: readonly T[], index: number): T {
  const item = list[index]
  if (item === undefined) throw new Error('a strategy is asked only when there are candidates')
  return item
}
