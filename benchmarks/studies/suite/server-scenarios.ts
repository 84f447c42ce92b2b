import { slowestHundredth } from '../../contestants/library-contestants.ts'
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
import { OURS } from '../../peers/libraries.ts'
import { type GrouplessScenario, RATE } from './library-scenarios.ts'

const SERVERS: readonly ServerKind[] = [GEARMAND, GEARMAND_T0, BUNDLED]
const MILLION = 1_000_000

/** The servers, under a load that costs next to nothing to make. */
export const SERVER_SCENARIOS: readonly GrouplessScenario[] = [
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
  ...[1, 2, 4].flatMap((workers) =>
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
    contestants: SERVERS.map((server) => drainQueue(server, MILLION / 10)),
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
    contestants: [
      ...SERVERS.map((server) => queueMemory(server, MILLION)),
      queueMemory(PERL_SERVER, MILLION / 5),
    ],
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
