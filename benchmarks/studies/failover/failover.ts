import type { ConnectionManagerOptions } from 'gearman-sdk'
import type { BenchmarkServer } from '../../harness/servers.ts'
import { median } from '../../harness/statistics.ts'
import type { Study, StudyOptions } from '../../harness/study.ts'
import { measureComeback } from './comeback.ts'
import { measureDetour } from './detour.ts'
import { type StandingServer, startStanding } from './standing-servers.ts'

type Row = Record<string, string | number>

const DOWN_MS = [0, 1000, 10_000]
const QUICK_DOWN_MS = [0]
const SERVERS = 3
/** What finds a halted server sooner than the defaults do (15 and 10 seconds). */
const WATCHFUL: ConnectionManagerOptions = { heartbeatInterval: 500, heartbeatTimeout: 500 }
/** What bounds the pauses between two attempts, 30 seconds by default. */
const EAGER: ConnectionManagerOptions = { reconnectMaxDelay: 1000 }

/** How long a loss is felt. */
export const failover: Study = {
  name: 'failover',
  title: 'how soon workers are back at a server, and calls get through elsewhere',
  async run(servers, options): Promise<void> {
    console.log('from the first answer of a server that was killed to its ten workers, in ms')
    console.table(await comebackRows(servers, options))
    console.log('from the loss of one of three servers to the end of calls elsewhere, in ms')
    console.table(await detourRows(servers, options))
  },
}

async function comebackRows(
  kinds: readonly BenchmarkServer[],
  { isQuick, repeat = isQuick ? 1 : 5 }: StudyOptions,
): Promise<Row[]> {
  const rows: Row[] = []
  for (const { name } of kinds) {
    const server = await startStanding(name)
    try {
      for (const downMs of isQuick ? QUICK_DOWN_MS : DOWN_MS) {
        for (const [setting, connection] of [
          ['defaults', {}],
          ['reconnectMaxDelay 1 s', EAGER],
        ] as const) {
          rows.push(await comebackRow({ server, name, downMs, setting, connection, repeat }))
        }
      }
    } finally {
      await server.stop('SIGKILL')
    }
  }
  return rows
}

interface ComebackCase {
  readonly server: StandingServer
  readonly name: string
  readonly downMs: number
  readonly setting: string
  readonly connection: ConnectionManagerOptions
  readonly repeat: number
}

async function comebackRow(given: ComebackCase): Promise<Row> {
  const first: number[] = []
  const all: number[] = []
  for (let round = 0; round < given.repeat; round += 1) {
    const { firstMs, allMs } = await measureComeback(given.server, given.downMs, given.connection)
    first.push(firstMs)
    all.push(allMs)
  }
  return {
    server: given.name,
    'down for s': given.downMs / 1000,
    worker: given.setting,
    'first worker, median': Math.round(median(first)),
    'all ten, median': Math.round(median(all)),
    'all ten, slowest': Math.round(Math.max(...all)),
  }
}

async function detourRows(
  kinds: readonly BenchmarkServer[],
  { isQuick, repeat = isQuick ? 1 : 5 }: StudyOptions,
): Promise<Row[]> {
  const rows: Row[] = []
  for (const { name } of kinds) {
    const servers: StandingServer[] = []
    for (let index = 0; index < SERVERS; index += 1) servers.push(await startStanding(name))
    try {
      rows.push(await detourRow(name, servers, 'SIGKILL', {}, isQuick ? 1 : 4 * repeat))
      rows.push(await detourRow(name, servers, 'SIGSTOP', WATCHFUL, repeat))
      if (!isQuick) rows.push(await detourRow(name, servers, 'SIGSTOP', {}, 1))
    } finally {
      for (const server of servers) await server.stop('SIGKILL')
    }
  }
  return rows
}

async function detourRow(
  name: string,
  servers: readonly StandingServer[],
  signal: 'SIGKILL' | 'SIGSTOP',
  connection: ConnectionManagerOptions,
  repeat: number,
): Promise<Row> {
  const underWay: number[] = []
  const next: number[] = []
  for (let round = 0; round < repeat; round += 1) {
    const detour = await measureDetour(servers, signal, connection)
    underWay.push(detour.underWayMs)
    next.push(detour.nextMs)
  }
  const isWatchful = connection === WATCHFUL
  return {
    server: name,
    loss: signal,
    heartbeat: isWatchful ? '0.5 s + 0.5 s' : '15 s + 10 s',
    'call under way, median': Math.round(median(underWay)),
    'call under way, slowest': Math.round(Math.max(...underWay)),
    'next call, median': round(median(next)),
    'next call, slowest': round(Math.max(...next)),
  }
}

function round(ms: number): number {
  return ms < 10 ? Number(ms.toFixed(1)) : Math.round(ms)
}
