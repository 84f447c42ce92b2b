/** Counts the words of a folder through a job server: `npm run demo`, `npm run demo -- PATH`. */
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { GearmanClient, GearmanError, JSONDataEncoder } from 'gearman-sdk'
import { useServers } from '../shared/servers.ts'
import { DemoError } from './demo-error.ts'
import { formatReport } from './report.ts'
import type { WordCountTasks } from './tasks.ts'
import { findTextFiles } from './text-files.ts'
import { WordCount } from './word-count.ts'
import { WorkerProcesses } from './worker-processes.ts'

const USAGE = `usage: npm run demo [-- PATH]

Counts the words of every text file in a folder: worker processes count and add up, a client hands
out the work through a Gearman job server and shows the result.

PATH              a folder, or a file; default: the documents and sources of this project.
                  Folders named node_modules or .git in it are left out.
GEARMAN_SERVERS   host:port,...: running job servers to use; default: a bundled one, for the demo alone
`
const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const EXCLUDED = ['node_modules', '.git']
/** In the project itself also what was made from it. */
const EXCLUDED_IN_PROJECT = [...EXCLUDED, 'dist', 'coverage', 'api', 'temp']
const MIN_WORKERS = 2
const MAX_WORKERS = 4

const EXIT_FAILED = 1
const EXIT_USAGE = 2

interface Arguments {
  readonly path: string
  readonly excluded: readonly string[]
}

async function main(): Promise<void> {
  const given = readArguments()
  if (given === undefined) return
  const started = performance.now()
  const found = await findTextFiles(given.path, new Set(given.excluded))

  await using servers = await useServers()
  await using client = new GearmanClient<WordCountTasks>(servers.hostList, {
    dataEncoder: new JSONDataEncoder(),
  })
  await connect(client)
  await using workers = new WorkerProcesses(servers.hostList, workerNames())

  const result = await new WordCount(client, process.stdout, workers.signal).run(found.files)
  const seconds = (performance.now() - started) / 1000
  const facts = { path: given.path, servers: servers.hostList, found, seconds }
  process.stdout.write(formatReport(result, facts))
}

/** `undefined`: there is nothing to do. */
function readArguments(): Arguments | undefined {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { help: { type: 'boolean', short: 'h' } },
    })
    const [path, ...more] = positionals
    if (more.length > 0) throw new Error('one PATH at most')
    if (values.help !== true) {
      return path === undefined
        ? { path: PROJECT, excluded: EXCLUDED_IN_PROJECT }
        : { path: resolve(path), excluded: EXCLUDED }
    }
    process.stdout.write(USAGE)
  } catch (error) {
    process.stderr.write(`demo: ${messageOf(error)}\n\n${USAGE}`)
    process.exitCode = EXIT_USAGE
  }
  return undefined
}

/** Says at once when no server is there, before any worker is started. */
async function connect(client: GearmanClient<WordCountTasks>): Promise<void> {
  const attempts = client.connectionList.map((connection) => client.establishConnection(connection))
  const results = await Promise.allSettled(attempts)
  const problems = results.flatMap((result) =>
    result.status === 'rejected' ? [explain(result.reason)] : [],
  )
  if (problems.length < results.length) return
  throw new DemoError(`no job server can be reached:\n  ${problems.join('\n  ')}`)
}

function workerNames(): string[] {
  const count = Math.min(MAX_WORKERS, Math.max(MIN_WORKERS, availableParallelism()))
  return Array.from({ length: count }, (_, index) => `counter-${index + 1}`)
}

/** The message of an error and what caused it. */
function explain(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error ? `${messageOf(error)}: ${cause.message}` : messageOf(error)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

try {
  await main()
} catch (error) {
  // Anything else is a fault of the demo, and Node shows where.
  if (!(error instanceof DemoError || GearmanError.is(error))) throw error
  process.stderr.write(`demo: ${messageOf(error)}\n`)
  process.exitCode = EXIT_FAILED
}
