import { join } from 'node:path'
import Database from 'libsql'
import { type CommandLineServer, commandLineServers } from '../../harness/command-line-servers.ts'
import type { LatencyReport } from '../../harness/latency-report.ts'
import { type BenchmarkProcess, startProcess } from '../../harness/processes.ts'
import { temporaryFolder } from '../../harness/temporary-folder.ts'
import type { SubmitReport } from './submit-process.ts'

/** Foreground round trips, one at a time, while the file of the store is locked by somebody else. */
export async function lockedStore(measuredMs: number): Promise<void> {
  const rows: Record<string, string>[] = []
  for (const server of commandLineServers()) rows.push(...(await measure(server, measuredMs)))
  console.log('\nforeground round trips, one at a time, on a SQLite store')
  console.table(rows)
}

async function measure(
  server: CommandLineServer,
  measuredMs: number,
): Promise<Record<string, string>[]> {
  const folder = temporaryFolder()
  const file = join(folder.path, 'jobs.db')
  const running = await server.start(['-q', 'libsqlite3', `--libsqlite3-db=${file}`])
  const worker = startProcess(new URL('../../harness/worker-process.ts', import.meta.url), [
    running.address,
    '1',
  ])
  const client = startProcess(new URL('../../harness/latency-process.ts', import.meta.url), [
    running.address,
  ])
  const submitter = startProcess(new URL('./submit-process.ts', import.meta.url), [running.address])
  const database = new Database(file, { timeout: 60_000 })
  const look = async (meanwhile: string): Promise<Record<string, string>> => ({
    server: server.name,
    meanwhile,
    ...(await latency(client, measuredMs)),
  })
  try {
    await Promise.all([worker.next(), client.next(), submitter.next()])
    const rows = [await look('nothing')]
    submitter.send({ jobs: 1e9, inFlight: 1000, longestMs: measuredMs })
    const busy = await look('background submits, 1,000 in flight')
    const { perSecond } = await submitter.next<SubmitReport>()
    rows.push({ ...busy, 'submits/s': perSecond.toFixed(0) })
    database.exec('BEGIN EXCLUSIVE')
    submitter.send({ jobs: 1000, inFlight: 1000, longestMs: 1e9 })
    rows.push(await look('the file is locked, 1,000 submits wait'))
    database.exec('ROLLBACK')
    return rows
  } finally {
    database.close()
    for (const one of [worker, client, submitter, running]) await one.stop()
    folder.remove()
  }
}

async function latency(
  client: BenchmarkProcess,
  durationMs: number,
): Promise<Record<string, string>> {
  client.send({ durationMs })
  const { calls, errors, p50, p99, max } = await client.next<LatencyReport>()
  return {
    calls: String(calls),
    errors: String(errors),
    'p50 ms': p50.toFixed(2),
    'p99 ms': p99.toFixed(2),
    'max ms': max.toFixed(1),
  }
}
