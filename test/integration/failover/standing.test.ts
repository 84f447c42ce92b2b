import { join } from 'node:path'
import { TestServerProcess } from 'gearman-sdk/testing'
import { describe, expect, test } from 'vitest'
import { askServer } from '../../helpers/backends.ts'
import {
  describeWithGearmand,
  endingWithThisProcess,
  startGearmand,
} from '../../helpers/gearmand.ts'
import { failOnLeaks } from '../../helpers/leaks.ts'
import { useFolder } from '../../helpers/temporary-folder.ts'
import { bundleServer } from '../server/persistence/crash/bundle-server.ts'
import { echoOf, TASKS } from './load-worker.ts'
import { CLIENTS, StandingRun, WORKERS } from './standing-run.ts'
import type { ServerProcess } from './standing-server.ts'

const SERVERS = 3
/** `GEARMAN_TEST_FAILOVER_SECONDS=300` is the long form, `GEARMAN_TEST_SEED` repeats a run. */
const SECONDS = Number(process.env['GEARMAN_TEST_FAILOVER_SECONDS'] ?? 40)
const SEED = Number(process.env['GEARMAN_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 24))
/** To find the servers well again, and everything that is queued worked off. */
const REST_MS = 60_000
const TIMEOUT_MS = SECONDS * 1000 + 5 * REST_MS
/** What may be on the heap more than in the first quarter: 100 bytes for each job would show in the long form. */
const FLAT_MEBIBYTES = 5

failOnLeaks()

/** One run on three servers of a kind. */
async function stand(name: string, processes: readonly ServerProcess[]): Promise<void> {
  console.log(`${name}: GEARMAN_TEST_SEED=${SEED} GEARMAN_TEST_FAILOVER_SECONDS=${SECONDS}`)
  await using run = await StandingRun.start(processes, SEED)
  await run.play(SECONDS * 1000)
  try {
    await expectAllRegistered(run)
    await expectAllServed(run)
    await expectAtRest(run)
    run.sampleHeap()
  } finally {
    console.log(`${name}, seed ${SEED}, ${SECONDS} s:\n${run.report()}`)
  }
  const { accepted, lost, ranUnsent } = run.record.summary()
  expect({ wrong: run.record.wrong, lost, ranUnsent }).toEqual({
    wrong: [],
    lost: [],
    ranUnsent: [],
  })
  expect(accepted).toBeGreaterThan(0)
  const [first = 0] = run.heaps
  expect((run.heaps.at(-1) ?? 0) - first).toBeLessThan(FLAT_MEBIBYTES)
}

/** Every worker is registered for every task at every server, once, and nothing is queued. */
async function expectAllRegistered(run: StandingRun): Promise<void> {
  const row = (task: string): string => `${task}\t0\t0\t${WORKERS}`
  const rows = Object.values(TASKS).map(row).sort()
  for (const { process } of run.servers) {
    const look = async (): Promise<string[]> => {
      const answer = await askServer(process, 'status')
      const lines = answer.map((line) => line.trim())
      return lines.filter((line) => line.startsWith('standing-')).sort()
    }
    await expect.poll(look, { timeout: REST_MS, interval: 50 }).toEqual(rows)
  }
}

/** Every client reaches a worker at once, whichever server it takes. */
async function expectAllServed(run: StandingRun): Promise<void> {
  for (const client of run.clients) {
    for (const { server } of client.connectionList) {
      // A machine that stalls costs a connection: its heartbeat is that of the run.
      const options = { pollTimeout: REST_MS, idempotent: true }
      expect(String(await client.do(TASKS.echo, server, options))).toBe(echoOf(server))
    }
  }
}

/** No callback runs on, no connection is open that nobody uses. */
async function expectAtRest({ servers, workers }: StandingRun): Promise<void> {
  const look = (): unknown => ({
    idle: workers.filter(({ isIdle }) => isIdle).length,
    clients: servers.map(({ proxies }) => proxies.clients.openCount),
    workers: servers.map(({ proxies }) => proxies.workers.openCount),
  })
  await expect.poll(look, { timeout: REST_MS, interval: 50 }).toEqual({
    idle: WORKERS,
    clients: servers.map(() => CLIENTS),
    // One for the task with a limit of its own, one for the others.
    workers: servers.map(() => 2 * WORKERS),
  })
}

describe('three bundled servers on SQLite that fail in all ways', () => {
  test('lose no call, no job and no worker', { timeout: TIMEOUT_MS }, async () => {
    const program = await bundleServer()
    const folder = useFolder()
    const [command = '', ...before] = endingWithThisProcess(process.execPath)
    const processes: TestServerProcess[] = []
    for (let index = 0; index < SERVERS; index += 1) {
      const place = join(folder, `${index}.db`)
      const args = (port: number): string[] => [...before, program, 'sqlite', place, String(port)]
      processes.push(await TestServerProcess.start({ command, args }))
    }
    await stand('the bundled server', processes)
  })
})

/**
 * Of gearmand is not asked what it is known to lose (README, "Compatibility with gearmand"): every background job has a
 * unique id that no other has, and data.
 */
describeWithGearmand('three gearmand on SQLite that fail in all ways', () => {
  test('lose no call, no job and no worker', { timeout: TIMEOUT_MS }, async () => {
    const folder = useFolder()
    const processes: ServerProcess[] = []
    for (let index = 0; index < SERVERS; index += 1) {
      const file = join(folder, `${index}.db`)
      const args = ['--queue-type=libsqlite3', `--libsqlite3-db=${file}`]
      processes.push(await startGearmand({ args }))
    }
    await stand('gearmand', processes)
  })
})
