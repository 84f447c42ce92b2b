import type { ContestantResult, ScenarioResult } from '../../contestants/measure.ts'
import { GENERATOR_NAME } from '../../contestants/server-contestants.ts'
import { median } from '../../harness/statistics.ts'

/** One line of what is to be reached: a figure of ours, alone or beside that of others. */
export interface Target {
  readonly title: string
  readonly scenario: string
  readonly ours: string
  /** The contestants whose best median ours is divided by; none: ours alone. */
  readonly than: readonly string[]
  readonly atLeast: number
  readonly aim: number
  /** True where less is better: "at least" is then the most that it may be. */
  readonly isLessBetter?: boolean
}

const SDK = 'gearman-sdk'
const LIBGEARMAN = 'libgearman'
const NPM = ['gearman+nodelay', 'node-gearman+nodelay', 'gearmanode+nodelay', 'abraxas']
const OUR_SERVER = 'gearman-sdk server'
const T4 = 'gearmand -t 4'
const T0 = 'gearmand -t 0'

/** What the SDK and its server are to reach, on two cores. */
export const TARGETS: readonly Target[] = [
  sdk('seq16', 'one at a time, 16 B', [LIBGEARMAN], 0.55, 0.8),
  sdk('seq16', 'one at a time, 16 B, to the best of npm', NPM, 1.4, 1.4),
  sdk('w1-c100', 'worker concurrency 1, 100 in flight', [LIBGEARMAN], 1, 1.2),
  sdk('w1-c1000', 'worker concurrency 1, 1000 in flight', [LIBGEARMAN], 1, 1.2),
  sdk('w64-c100', 'worker concurrency 64, 100 in flight', [LIBGEARMAN], 10, 20),
  sdk('w64-c1000', 'worker concurrency 64, 1000 in flight', [LIBGEARMAN], 12, 28),
  sdk('bg', 'background submit, default unique', [LIBGEARMAN], 1.2, 1.5),
  sdk('bg-no-unique', "background submit, unique: ''", [LIBGEARMAN], 6, 11),
  sdk('drain', 'drain of 100,000', [LIBGEARMAN], 6, 11),
  sdk('big1', '1 MiB, to the best of npm', NPM, 2, 2.5),
  sdk('big16', '16 MiB, to the best of npm', NPM, 2, 2.5),
  {
    ...sdk('client-memory', 'client memory per pending job, bytes', [], 900, 600),
    isLessBetter: true,
  },
  server('server-bg-unique', 'background submit with uniques, 200,000 deep', T4, 6, 8),
  server('server-w4-g64', 'foreground, 4 workers with 64 grabs, to -t 4', T4, 1, 1),
  server('server-w4-g64', 'foreground, 4 workers with 64 grabs, to -t 0', T0, 0.5, 1),
  server('server-w4-g1', 'one grab at a time, 4 workers, to -t 4', T4, 1.2, 1.2),
  server('server-w4-g1', 'one grab at a time, 4 workers, to -t 0', T0, 0, 1),
  server('server-drain', 'drain of a deep queue', T4, 2, 3),
  { ...server('server-memory', 'memory per queued 100 B job', T4, 0.5, 0.35), isLessBetter: true },
  server('server-big', '1 MiB payloads', T4, 0.7, 1),
  sqlite('with sqlite, background submit, to gearmand', ['gearmand -q libsqlite3'], 20, 50),
  sqlite('with sqlite, background submit, jobs/s', [], 60_000, 60_000),
  {
    scenario: 'server-deep-p99',
    title: 'p99 with 1 million queued, to an empty server',
    ours: `${OUR_SERVER}, 1 million queued`,
    than: [`${OUR_SERVER}, empty`],
    atLeast: 2,
    aim: 2,
    isLessBetter: true,
  },
]

/** What came of a target. */
export interface TargetResult {
  readonly target: Target
  /** A ratio, or a figure; NaN where it was not measured. */
  readonly value: number
  /** What the load generator reaches in our place: the most that the server lets any library have. */
  readonly ceiling?: number
  readonly verdict: 'aim' | 'at least' | 'missed' | 'not measured'
}

/** Looks up each target in what was measured; targets of other scenarios are left out. */
export function judge(results: readonly ScenarioResult[]): TargetResult[] {
  return TARGETS.flatMap((target) => {
    const result = results.find(({ name }) => name === target.scenario)
    if (result === undefined) return []
    const value = measured(target, result.contestants)
    const ceiling = measured({ ...target, ours: GENERATOR_NAME }, result.contestants)
    const known = Number.isNaN(ceiling) ? {} : { ceiling }
    return [{ target, value, ...known, verdict: verdictOn(target, value) }]
  })
}

/** The medians that a target is about. */
function measured(
  { ours, than }: Pick<Target, 'ours' | 'than'>,
  contestants: readonly ContestantResult[],
): number {
  const medianOf = (name: string): number => {
    const samples = contestants.find((contestant) => contestant.name === name)?.samples ?? []
    return median(samples.map(({ value }) => value))
  }
  if (than.length === 0) return medianOf(ours)
  const others = than.map(medianOf).filter((value) => !Number.isNaN(value))
  return medianOf(ours) / (others.length === 0 ? Number.NaN : Math.max(...others))
}

function verdictOn({ atLeast, aim, isLessBetter }: Target, value: number): TargetResult['verdict'] {
  if (Number.isNaN(value)) return 'not measured'
  const reaches = (limit: number): boolean => (isLessBetter ? value <= limit : value >= limit)
  if (reaches(aim)) return 'aim'
  return reaches(atLeast) ? 'at least' : 'missed'
}

function sdk(
  scenario: string,
  title: string,
  than: readonly string[],
  atLeast: number,
  aim: number,
): Target {
  return { scenario, title, ours: SDK, than, atLeast, aim }
}

function server(
  scenario: string,
  title: string,
  than: string,
  atLeast: number,
  aim: number,
): Target {
  return { scenario, title: `our server, ${title}`, ours: OUR_SERVER, than: [than], atLeast, aim }
}

function sqlite(title: string, than: readonly string[], atLeast: number, aim: number): Target {
  const ours = 'gearman-sdk server -q libsqlite3'
  return { scenario: 'server-sqlite', title: `our server ${title}`, ours, than, atLeast, aim }
}
