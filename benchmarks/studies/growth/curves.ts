import { cluster } from '../../contestants/cluster.ts'
import { closedLoop, slowestHundredth } from '../../contestants/library-contestants.ts'
import { cycle, drainQueue, queueMemory, submission } from '../../contestants/server-contestants.ts'
import { OURS } from '../../peers/libraries.ts'
import type { Curve } from './curve.ts'

const KIB = 1024
const MIB = 1024 * KIB
const DEPTHS = [1000, 10_000, 100_000, 1_000_000]
const RATE = 'jobs/s'
const SMALL_BYTES = 16

/** What is measured as it grows. */
export const CURVES: readonly Curve[] = [
  {
    name: 'depth-submit',
    title: 'background submit with unique ids, until so many are queued',
    axis: 'jobs queued',
    unit: RATE,
    points: DEPTHS,
    at: (jobs, server) => submission(server, { jobs, payloadBytes: 100, unique: 'unique' }),
  },
  {
    name: 'depth-drain',
    title: 'drain of a queue',
    axis: 'jobs queued',
    unit: RATE,
    // gearmand needs minutes for a million.
    points: [1000, 10_000, 100_000, 300_000],
    at: (jobs, server) => drainQueue(server, jobs),
  },
  {
    name: 'depth-latency',
    title: 'calls one at a time while jobs of another task are queued: the slowest hundredth',
    axis: 'jobs queued',
    unit: 'ms',
    points: DEPTHS,
    at: (jobs, server) => slowestHundredth(server.name, OURS, server, jobs),
  },
  {
    name: 'depth-memory',
    title: 'memory of a server for a queued job of 100 B',
    axis: 'jobs queued',
    unit: 'bytes',
    points: DEPTHS,
    at: (jobs, server) => queueMemory(server, jobs),
  },
  {
    name: 'payload',
    title: 'round trips of this SDK, one at a time',
    axis: 'bytes of payload',
    unit: RATE,
    points: [16, KIB, 16 * KIB, 256 * KIB, MIB, 4 * MIB, 16 * MIB, 64 * MIB],
    at: (payloadBytes, server) => ({
      ...closedLoop(OURS, server, { inFlight: 1, payloadBytes, concurrency: 1 }),
      name: server.name,
    }),
  },
  {
    name: 'connections',
    title: 'round trips, one in flight for each client, 4 workers with 64 grabs',
    axis: 'clients',
    unit: RATE,
    points: [1, 10, 100, 500, 2000],
    at: (clients, server) =>
      cycle(server, {
        clients,
        workers: 4,
        grabs: 64,
        inFlight: clients,
        payloadBytes: SMALL_BYTES,
      }),
  },
  {
    name: 'functions',
    title:
      'round trips for each function in turn, 10 clients with one in flight, 4 workers that know all',
    axis: 'functions',
    unit: RATE,
    points: [1, 10, 100, 1000, 10_000],
    at: (functions, server) =>
      cycle(server, {
        clients: 10,
        workers: 4,
        grabs: 64,
        inFlight: 10,
        payloadBytes: SMALL_BYTES,
        functions,
      }),
  },
  {
    name: 'concurrency',
    title: 'this SDK, 1000 in flight, by concurrency of its worker',
    axis: 'concurrency',
    unit: RATE,
    points: [1, 4, 16, 64, 256, 1000],
    at: (concurrency, server) => ({
      ...closedLoop(OURS, server, { inFlight: 1000, payloadBytes: SMALL_BYTES, concurrency }),
      name: server.name,
    }),
  },
  {
    name: 'servers',
    title: 'this SDK, 1000 in flight, concurrency 64, over several servers',
    axis: 'servers',
    unit: RATE,
    points: [1, 2, 4, 8],
    at: (count, server) => ({
      ...closedLoop(OURS, cluster(server, count), {
        inFlight: 1000,
        payloadBytes: SMALL_BYTES,
        concurrency: 64,
      }),
      name: server.name,
    }),
  },
]
