import { execSync } from 'node:child_process'
import type { LatencyReport } from '../../harness/latency-report.ts'
import { processorMs, residentMib } from '../../harness/process-usage.ts'
import { type BenchmarkProcess, startProcess } from '../../harness/processes.ts'
import type { BenchmarkServer, RunningServer } from '../../harness/servers.ts'
import type { Study } from '../../harness/study.ts'

const MEASURED_MS = 5000
/** Files that a server and its guests need besides. */
const SPARE_FILES = 2000

/** The attacks, one on top of the other. */
function attacks(): readonly (readonly [kind: string, count: number, title: string])[] {
  const files = Number(execSync('ulimit -Hn', { encoding: 'utf8' }))
  const halves = Number.isNaN(files) ? 10_000 : Math.min(10_000, files - SPARE_FILES)
  return [
    ['half', halves, `${halves} send half a packet`],
    ['huge', 500, '500 announce 4 GiB, or 255 MiB'],
    ['silent', 100, '100 ask for all and never read'],
    ['fuzz', 20, '20 send random packets and lines'],
  ]
}

/**
 * An ordinary client and an ordinary worker, while others do their worst: the peers, the server and the ordinary ones
 * are processes of their own.
 */
export const hostile: Study = {
  name: 'hostile',
  title: 'round trips of an ordinary client while other peers do their worst',
  async run(servers: readonly BenchmarkServer[]): Promise<void> {
    for (const server of servers) {
      console.log(server.name)
      const running = await server.start()
      try {
        console.table(await attack(running))
      } finally {
        await running.stop()
      }
    }
  },
}

async function attack(server: RunningServer): Promise<Record<string, string>[]> {
  const worker = startProcess(new URL('../../harness/worker-process.ts', import.meta.url), [
    server.address,
    '1',
  ])
  const client = startProcess(new URL('../../harness/latency-process.ts', import.meta.url), [
    server.address,
  ])
  const peers: BenchmarkProcess[] = []
  const rows: Record<string, string>[] = []
  try {
    await Promise.all([worker.next(), client.next()])
    rows.push(await measure('nobody', server, client))
    for (const [kind, count, title] of attacks()) {
      const peer = startProcess(new URL('./hostile-process.ts', import.meta.url), [
        server.address,
        kind,
        String(count),
      ])
      peers.push(peer)
      await peer.next()
      rows.push(await measure(`+ ${title}`, server, client))
    }
    for (const peer of peers.splice(0)) await peer.stop()
    rows.push(await measure('all of them gone', server, client))
  } catch (error) {
    rows.push({ attack: `the server is gone: ${String(error)}` })
  } finally {
    for (const peer of [...peers, client, worker]) await peer.stop()
  }
  return rows
}

async function measure(
  title: string,
  server: RunningServer,
  client: BenchmarkProcess,
): Promise<Record<string, string>> {
  const before = processorMs(server.pid)
  client.send({ durationMs: MEASURED_MS })
  const report = await client.next<LatencyReport>()
  return {
    attack: title,
    'memory MiB': residentMib(server.pid).toFixed(0),
    'processor %': ((processorMs(server.pid) - before) / (MEASURED_MS / 100)).toFixed(0),
    calls: String(report.calls),
    errors: String(report.errors),
    'p50 ms': report.p50.toFixed(2),
    'p99 ms': report.p99.toFixed(2),
    'max ms': report.max.toFixed(1),
  }
}
