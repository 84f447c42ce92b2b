import {
  background,
  closedLoop,
  drain,
  pendingMemory,
  slowestHundredth,
  transfer,
} from '../../contestants/library-contestants.ts'
import type { Scenario } from '../../contestants/scenario.ts'
import { cycle, drainQueue, queueMemory, submission } from '../../contestants/server-contestants.ts'
import {
  BUNDLED,
  BUNDLED_SQLITE,
  GEARMAND,
  GEARMAND_SQLITE,
  GEARMAND_T0,
  PERL_SERVER,
  type ServerKind,
} from '../../contestants/server-kinds.ts'
import {
  LIBGEARMAN,
  type Library,
  NPM,
  NPM_AS_SHIPPED,
  OURS,
  PERL,
  PHP,
} from '../../peers/libraries.ts'

/** Every library that has a client and a worker; the others are compared with the first. */
const LIBRARIES: readonly Library[] = [LIBGEARMAN, OURS, ...NPM, PHP, PERL]
/** libgearman waits for a delayed acknowledgement at each 64 KiB on loopback: 16 MiB take it half a minute. */
const WITHOUT_LIBGEARMAN: readonly Library[] = [OURS, ...NPM, PERL]
/** The parser of `gearman` joins what it has at each read: 16 MiB take it half a minute, too. */
const FOR_16_MIB = WITHOUT_LIBGEARMAN.filter(({ name }) => !name.startsWith('gearman+'))
const SERVERS: readonly ServerKind[] = [GEARMAND, GEARMAND_T0, BUNDLED]

const RATE = 'jobs/s'
const BACKGROUND_JOBS = 100_000
const MILLION = 1_000_000

interface Loop {
  readonly inFlight: number
  readonly payloadBytes?: number
  readonly concurrency?: number
}

function loops(
  name: string,
  title: string,
  { inFlight, payloadBytes = 16, concurrency = 64 }: Loop,
  libraries: readonly Library[] = LIBRARIES,
  server: ServerKind = GEARMAND,
): Omit<Scenario, 'group'> {
  return {
    name,
    title,
    unit: RATE,
    contestants: libraries.map((library) =>
      closedLoop(library, server, { inFlight, payloadBytes, concurrency }),
    ),
  }
}

const one: Loop = { inFlight: 1, concurrency: 1 }

/** Client and worker of each library, on gearmand. */
const LIBRARY_SCENARIOS: readonly Omit<Scenario, 'group'>[] = [
  loops('seq16', 'one at a time, 16 B', one),
  loops('seq10k', 'one at a time, 10 KiB', { ...one, payloadBytes: 10 * 1024 }),
  loops('w1-c100', 'worker concurrency 1, 100 in flight', { inFlight: 100, concurrency: 1 }),
  loops('w1-c1000', 'worker concurrency 1, 1000 in flight', { inFlight: 1000, concurrency: 1 }),
  loops('w64-c100', 'worker concurrency 64, 100 in flight', { inFlight: 100 }),
  loops('w64-c1000', 'worker concurrency 64, 1000 in flight', { inFlight: 1000 }),
  {
    name: 'bg',
    title: 'background submit, default unique ids',
    unit: RATE,
    contestants: LIBRARIES.map((library) =>
      background(library, GEARMAND, jobsOf(library), 'unique'),
    ),
  },
  {
    name: 'bg-no-unique',
    title: "background submit, unique: ''",
    unit: RATE,
    // libgearman has no way to send an empty one.
    contestants: [LIBGEARMAN, OURS].map((library) =>
      background(library, GEARMAND, BACKGROUND_JOBS, library === OURS ? 'no-unique' : 'unique'),
    ),
  },
  {
    name: 'bg-single',
    title: "background submit, unique: '', a call for each job",
    unit: RATE,
    contestants: [LIBGEARMAN, OURS].map((library) => {
      const isOurs = library === OURS
      return background(
        library,
        GEARMAND,
        BACKGROUND_JOBS,
        isOurs ? 'no-unique' : 'unique',
        isOurs ? 'background-single' : 'background',
      )
    }),
  },
  {
    name: 'drain',
    title: 'drain of 100,000, concurrency 64',
    unit: RATE,
    contestants: LIBRARIES.map((library) =>
      drain(library, GEARMAND, BACKGROUND_JOBS, library === OURS ? BACKGROUND_JOBS : 20_000),
    ),
  },
  {
    name: 'big1',
    title: 'round trip of 1 MiB',
    unit: 'MiB/s',
    contestants: WITHOUT_LIBGEARMAN.map((library) => transfer(library, GEARMAND, 1)),
  },
  {
    name: 'big16',
    title: 'round trip of 16 MiB',
    unit: 'MiB/s',
    contestants: FOR_16_MIB.map((library) => transfer(library, GEARMAND, 16)),
  },
  {
    name: 'client-memory',
    title: 'client memory for a pending job',
    unit: 'bytes',
    contestants: [OURS, ...NPM].map((library) => pendingMemory(library, GEARMAND, BACKGROUND_JOBS)),
  },
]

/** Slow clients get fewer jobs. */
function jobsOf(library: Library): number {
  const isSlow =
    library === PERL || library.name.startsWith('gearman+') || library.name === 'abraxas'
  return isSlow ? BACKGROUND_JOBS / 5 : BACKGROUND_JOBS
}

/** The libraries of npm as they come. */
const AS_SHIPPED_SCENARIOS: readonly Omit<Scenario, 'group'>[] = [
  loops('as-shipped-seq16', 'one at a time, 16 B', one, [OURS, ...NPM_AS_SHIPPED]),
  loops('as-shipped-c100', '100 in flight', { inFlight: 100 }, [OURS, ...NPM_AS_SHIPPED]),
]

/** The servers, under a load that costs next to nothing to make. */
const SERVER_SCENARIOS: readonly Omit<Scenario, 'group'>[] = [
  {
    name: 'server-bg',
    title: 'background submit, no unique ids',
    unit: RATE,
    contestants: [...SERVERS, PERL_SERVER].map((server) =>
      submission(server, { jobs: server === PERL_SERVER ? 40_000 : 200_000, payloadBytes: 16 }),
    ),
  },
  {
    name: 'server-bg-unique',
    title: 'background submit with unique ids, 200,000 deep',
    unit: RATE,
    contestants: SERVERS.map((server) =>
      submission(server, { jobs: 200_000, payloadBytes: 16, unique: 'unique' }),
    ),
  },
  ...[1, 4].flatMap((workers) =>
    [1, 64].map((grabs) => ({
      name: `server-w${workers}-g${grabs}`,
      title: `foreground, ${workers} ${workers === 1 ? 'worker' : 'workers'}, ${grabs} ${grabs === 1 ? 'grab' : 'grabs'} each`,
      unit: RATE,
      contestants: [...SERVERS, PERL_SERVER].map((server) =>
        cycle(server, { workers, grabs, inFlight: 1000, payloadBytes: 16 }),
      ),
    })),
  ),
  {
    name: 'server-drain',
    title: 'drain of a queue of 100,000',
    unit: RATE,
    contestants: SERVERS.map((server) => drainQueue(server, BACKGROUND_JOBS)),
  },
  {
    name: 'server-big',
    title: 'round trip of 1 MiB',
    unit: RATE,
    contestants: SERVERS.map((server) =>
      cycle(server, { workers: 1, grabs: 1, inFlight: 1, payloadBytes: 1024 * 1024 }),
    ),
  },
  {
    name: 'server-memory',
    title: 'memory for a queued job of 100 B, a million queued',
    unit: 'bytes',
    contestants: SERVERS.map((server) => queueMemory(server, MILLION)),
  },
  {
    name: 'server-sqlite',
    title: 'background submit into SQLite, 1,000 in flight',
    unit: RATE,
    contestants: [GEARMAND_SQLITE, BUNDLED_SQLITE].map((server) =>
      submission(server, {
        jobs: 200_000,
        payloadBytes: 100,
        unique: 'unique',
        connections: 10,
        window: 100,
        longestMs: 3000,
      }),
    ),
  },
  {
    name: 'server-deep-p99',
    title: 'p99 of calls, one at a time',
    unit: 'ms',
    contestants: [
      slowestHundredth('gearmand, empty', OURS, GEARMAND, 0),
      slowestHundredth('gearmand, 1 million queued', OURS, GEARMAND, MILLION),
      slowestHundredth('gearman-sdk server, empty', OURS, BUNDLED, 0),
      slowestHundredth('gearman-sdk server, 1 million queued', OURS, BUNDLED, MILLION),
    ],
  },
]

/** All that the suite measures. */
export const SCENARIOS: readonly Scenario[] = [
  ...inGroup('libraries on gearmand', LIBRARY_SCENARIOS),
  ...inGroup('libraries of npm as shipped, on gearmand', AS_SHIPPED_SCENARIOS),
  ...inGroup('servers', SERVER_SCENARIOS),
]

function inGroup(group: string, scenarios: readonly Omit<Scenario, 'group'>[]): Scenario[] {
  return scenarios.map((scenario) => ({ ...scenario, group }))
}
