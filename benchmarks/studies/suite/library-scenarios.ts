import {
  background,
  closedLoop,
  drain,
  pendingMemory,
  transfer,
} from '../../contestants/library-contestants.ts'
import type { Contestant, Scenario } from '../../contestants/scenario.ts'
import { asCeiling, cycle, drainQueue } from '../../contestants/server-contestants.ts'
import { GEARMAND, type ServerKind } from '../../contestants/server-kinds.ts'
import {
  LIBGEARMAN,
  type Library,
  NPM,
  NPM_AS_SHIPPED,
  OURS,
  PERL,
  PHP,
} from '../../peers/libraries.ts'

/** A scenario before it is put into a table of results. */
export type GrouplessScenario = Omit<Scenario, 'group'>

export const RATE = 'jobs/s'

/** Every library that has a client and a worker; the others are compared with the first. */
export const LIBRARIES: readonly Library[] = [LIBGEARMAN, OURS, ...NPM, PHP, PERL]

const BACKGROUND_JOBS = 100_000
const SMALL_BYTES = 16
const KIB = 1024

interface Loop {
  readonly inFlight: number
  readonly payloadBytes?: number
  readonly concurrency?: number
}

const ONE: Loop = { inFlight: 1, concurrency: 1 }

/** Client and worker of each library, on a server. */
export function librariesOn(
  server: ServerKind,
  prefix: string,
  libraries: readonly Library[],
): GrouplessScenario[] {
  const loop = (name: string, title: string, shape: Loop): GrouplessScenario => ({
    name: prefix + name,
    title,
    unit: RATE,
    contestants: libraries.map((library) => looping(library, server, shape)),
  })
  const busy = (name: string, title: string, shape: Loop): GrouplessScenario =>
    besideCeiling(loop(name, title, shape), ceiling(server, shape))
  const other = (
    name: string,
    title: string,
    unit: string,
    contestant: (library: Library) => Contestant | undefined,
  ): GrouplessScenario => ({
    name: prefix + name,
    title,
    unit,
    contestants: libraries.map(contestant).filter((one) => one !== undefined),
  })
  return [
    loop('seq16', 'one at a time, 16 B', ONE),
    loop('seq10k', 'one at a time, 10 KiB', { ...ONE, payloadBytes: 10 * KIB }),
    busy('w1-c100', 'worker concurrency 1, 100 in flight', { inFlight: 100, concurrency: 1 }),
    busy('w1-c1000', 'worker concurrency 1, 1000 in flight', { inFlight: 1000, concurrency: 1 }),
    busy('w64-c100', 'worker concurrency 64, 100 in flight', { inFlight: 100 }),
    busy('w64-c1000', 'worker concurrency 64, 1000 in flight', { inFlight: 1000 }),
    other('bg', 'background submit, default unique ids', RATE, (library) =>
      background(library, server, jobsOf(library), 'unique'),
    ),
    other('bg-no-unique', "background submit, unique: ''", RATE, (library) =>
      canBeFast(library) ? background(library, server, BACKGROUND_JOBS, 'no-unique') : undefined,
    ),
    other('bg-single', "background submit, unique: '', a call for each job", RATE, (library) =>
      canBeFast(library)
        ? background(library, server, BACKGROUND_JOBS, 'no-unique', 'background-single')
        : undefined,
    ),
    besideCeiling(
      other('drain', 'drain of 100,000, concurrency 64', RATE, (library) =>
        drain(library, server, BACKGROUND_JOBS, library === OURS ? BACKGROUND_JOBS : 20_000),
      ),
      asCeiling(drainQueue(server, BACKGROUND_JOBS)),
    ),
    other('big1', 'round trip of 1 MiB', 'MiB/s', (library) =>
      takesLarge(library, 1) ? transfer(library, server, 1) : undefined,
    ),
    other('big16', 'round trip of 16 MiB', 'MiB/s', (library) =>
      takesLarge(library, 16) ? transfer(library, server, 16) : undefined,
    ),
  ]
}

/** Memory of clients, on gearmand. */
export const CLIENT_MEMORY: GrouplessScenario = {
  name: 'client-memory',
  title: 'client memory for a pending job',
  unit: 'bytes',
  contestants: [OURS, ...NPM].map((library) => pendingMemory(library, GEARMAND, BACKGROUND_JOBS)),
}

/** Clients before a fast worker, libraries as they come, and pairs of libraries; on gearmand. */
export const MORE_LIBRARY_SCENARIOS: readonly GrouplessScenario[] = [
  {
    name: 'client-only',
    title: '1000 in flight, all with the worker of this SDK',
    unit: RATE,
    contestants: LIBRARIES.map((library) =>
      closedLoop(library, GEARMAND, { ...shaped({ inFlight: 1000 }), worker: OURS }),
    ),
  },
  ...[1, 100].map((inFlight) => ({
    name: `mixed-c${inFlight}`,
    title: `a client of one library with the worker of another, ${inFlight} in flight`,
    unit: RATE,
    contestants: [
      pair(LIBGEARMAN, LIBGEARMAN, inFlight),
      pair(LIBGEARMAN, OURS, inFlight),
      pair(OURS, LIBGEARMAN, inFlight),
      pair(OURS, OURS, inFlight),
    ],
  })),
  ...[ONE, { inFlight: 100 }].map((shape) => ({
    name: shape === ONE ? 'as-shipped-seq16' : 'as-shipped-c100',
    title: shape === ONE ? 'as they come: one at a time, 16 B' : 'as they come: 100 in flight',
    unit: RATE,
    contestants: [OURS, ...NPM_AS_SHIPPED].map((library) => looping(library, GEARMAND, shape)),
  })),
]

function looping(library: Library, server: ServerKind, shape: Loop): Contestant {
  return closedLoop(library, server, shaped(shape))
}

/** The load generator as client and as one worker that keeps as many grabs under way as a library's has slots. */
function ceiling(server: ServerKind, shape: Loop): Contestant {
  const { inFlight, payloadBytes, concurrency } = shaped(shape)
  return asCeiling(cycle(server, { workers: 1, grabs: concurrency, inFlight, payloadBytes }))
}

function besideCeiling(scenario: GrouplessScenario, most: Contestant): GrouplessScenario {
  return { ...scenario, contestants: [...scenario.contestants, most] }
}

function shaped({ inFlight, payloadBytes = SMALL_BYTES, concurrency = 64 }: Loop): Required<Loop> {
  return { inFlight, payloadBytes, concurrency }
}

function pair(client: Library, worker: Library, inFlight: number): Contestant {
  const loop = closedLoop(client, GEARMAND, { ...shaped({ inFlight }), worker })
  return { ...loop, name: `${client.name} to ${worker.name}` }
}

/** Slow clients get fewer jobs. */
function jobsOf(library: Library): number {
  const isSlow = library === PERL || isGearmanOfNpm(library) || library.name === 'abraxas'
  return isSlow ? BACKGROUND_JOBS / 5 : BACKGROUND_JOBS
}

/** libgearman sends a unique id whatever it is told: it stands beside ours as the fastest that it has. */
function canBeFast(library: Library): boolean {
  return library === OURS || library === LIBGEARMAN
}

/**
 * libgearman, and PHP over it, wait for a delayed acknowledgement at each 64 KiB on loopback; the parser of `gearman` joins
 * what it has at each read: 16 MiB take either half a minute.
 */
function takesLarge(library: Library, mib: number): boolean {
  if (library === LIBGEARMAN || library === PHP) return false
  return mib < 16 || !isGearmanOfNpm(library)
}

function isGearmanOfNpm({ name }: Library): boolean {
  return name.startsWith('gearman+')
}
