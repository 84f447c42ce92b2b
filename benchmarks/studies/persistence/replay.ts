import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import {
  type CommandLineServer,
  commandLineServers,
  exportQueue,
} from '../../harness/command-line-servers.ts'
import { residentMib } from '../../harness/process-usage.ts'
import { startProcess } from '../../harness/processes.ts'
import { temporaryFolder } from '../../harness/temporary-folder.ts'
import type { SubmitReport } from './submit-process.ts'

const LOAD_SHAPE = { title: '', clients: 1, workers: 10, functions: 1, window: 100 }
const WATCH_MS = 100

type Row = Record<string, string>

/** How long a server needs to start on a queue of so many jobs in SQLite, and what its files do meanwhile. */
export async function replay(jobs: number): Promise<void> {
  const folder = temporaryFolder()
  const file = join(folder.path, 'jobs.db')
  const args = ['-q', 'libsqlite3', `--libsqlite3-db=${file}`]
  const [ours, gearmand] = commandLineServers().reverse()
  if (ours === undefined) return
  const rows: Row[] = []
  try {
    rows.push(await measureStart('start without jobs', ours, args))
    rows.push(await fill(ours, args, file, jobs))
    rows.push({ ...(await measureStart('start', ours, args)), ...sizes(file) })
    await exportQueue(args)
    if (gearmand !== undefined) rows.push(await measureStart('gearmand: start', gearmand, args))
    rows.push({
      ...(await measureStart('start, moved from the table of gearmand', ours, args)),
      ...sizes(file),
    })
    rows.push(await drain(ours, args, file, jobs))
  } finally {
    folder.remove()
  }
  console.log(`\na queue of ${jobs.toLocaleString('en')} jobs in SQLite`)
  console.table(rows, ['what', 'seconds', 'memory MiB', 'file MiB', 'log MiB'])
}

async function measureStart(
  what: string,
  server: CommandLineServer,
  args: readonly string[],
): Promise<Row> {
  const startMs = performance.now()
  try {
    const running = await server.start(args)
    const seconds = secondsSince(startMs)
    const memory = residentMib(running.pid).toFixed(0)
    // It is not stopped well: gearmand would write all its jobs.
    await running.stop()
    return { what, seconds, 'memory MiB': memory }
  } catch (error) {
    console.error(error)
    return { what: `${what}, given up`, seconds: secondsSince(startMs) }
  }
}

async function fill(
  server: CommandLineServer,
  args: readonly string[],
  file: string,
  jobs: number,
): Promise<Row> {
  const running = await server.start(args)
  const client = startProcess(new URL('./submit-process.ts', import.meta.url), [running.address])
  const log = watchLog(file)
  try {
    await client.next()
    const startMs = performance.now()
    client.send({ jobs, inFlight: 1000, longestMs: 1e9 })
    const { accepted } = await client.next<SubmitReport>()
    const seconds = secondsSince(startMs)
    const memory = residentMib(running.pid).toFixed(0)
    await running.end()
    if (accepted !== jobs) throw new Error(`only ${accepted} jobs were accepted`)
    return { what: 'submit', seconds, 'memory MiB': memory, ...sizes(file), 'log MiB': log.end() }
  } finally {
    log.end()
    await client.stop()
    await running.stop()
  }
}

async function drain(
  server: CommandLineServer,
  args: readonly string[],
  file: string,
  jobs: number,
): Promise<Row> {
  const running = await server.start(args)
  const worker = startProcess(new URL('../load/load-worker.ts', import.meta.url), [
    running.address,
    JSON.stringify(LOAD_SHAPE),
  ])
  const log = watchLog(file)
  try {
    await worker.next()
    const startMs = performance.now()
    worker.send({ name: 'grab', jobs, buckets: 1 })
    await worker.next()
    const seconds = secondsSince(startMs)
    const memory = residentMib(running.pid).toFixed(0)
    await running.end()
    return { what: 'run', seconds, 'memory MiB': memory, ...sizes(file), 'log MiB': log.end() }
  } finally {
    log.end()
    await worker.stop()
    await running.stop()
  }
}

/** The largest that the write-ahead log of a file was. */
function watchLog(file: string): { end(): string } {
  let most = 0
  const timer = setInterval(() => {
    most = Math.max(most, sizeOf(`${file}-wal`))
  }, WATCH_MS)
  return {
    end: () => {
      clearInterval(timer)
      return mib(most)
    },
  }
}

function sizes(file: string): Row {
  return { 'file MiB': mib(sizeOf(file)) }
}

function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0
}

function mib(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1)
}

function secondsSince(startMs: number): string {
  return ((performance.now() - startMs) / 1000).toFixed(2)
}
