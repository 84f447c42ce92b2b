import { existsSync } from 'node:fs'
import { findGearmand } from '../../test/helpers/gearmand.ts'
import {
  type StoppableServer,
  startCommand,
  startInstalled,
  startPerlServer,
} from '../harness/command-line-servers.ts'
import type { RunningServer } from '../harness/servers.ts'
import { temporaryFolder } from '../harness/temporary-folder.ts'

/** A kind of server that takes part in the suite. */
export interface ServerKind {
  readonly name: string
  problem(): string | undefined
  start(): Promise<RunningServer>
}

const needsGearmand = (): string | undefined =>
  findGearmand() === undefined ? 'gearmand is not installed (gearman-job-server)' : undefined

/** gearmand as Debian starts it: its default is four threads for connections. */
export const GEARMAND: ServerKind = {
  name: 'gearmand -t 4',
  problem: needsGearmand,
  start: () => startInstalled([]),
}

/** gearmand in one thread for everything. */
export const GEARMAND_T0: ServerKind = {
  name: 'gearmand -t 0',
  problem: needsGearmand,
  start: () => startInstalled(['--threads=0']),
}

/** The command of this package. */
export const BUNDLED: ServerKind = {
  name: 'gearman-sdk server',
  problem: () => undefined,
  start: async () => {
    const running = await startCommand()
    // Ended as an operator does it, so that a profile can be written.
    return { ...running, stop: () => endOrStop(running) }
  },
}

/** gearmand, with its queue in a SQLite file. */
export const GEARMAND_SQLITE: ServerKind = onSqlite(
  'gearmand -q libsqlite3',
  needsGearmand,
  startInstalled,
)

/** The command of this package, with its queue in a SQLite file. */
export const BUNDLED_SQLITE: ServerKind = onSqlite(
  'gearman-sdk server -q libsqlite3',
  () => undefined,
  startCommand,
)

/** Gearman::Server of Perl. */
export const PERL_SERVER: ServerKind = {
  name: 'Gearman::Server (Perl)',
  problem: () =>
    existsSync('/usr/share/perl5/Gearman/Server.pm')
      ? undefined
      : 'Gearman::Server is not installed (gearman-server)',
  start: startPerlServer,
}

function onSqlite(
  name: string,
  problem: () => string | undefined,
  start: (args: readonly string[]) => Promise<RunningServer>,
): ServerKind {
  return {
    name,
    problem,
    start: async () => {
      const folder = temporaryFolder()
      const running = await start(['-q', 'libsqlite3', `--libsqlite3-db=${folder.path}/jobs.db`])
      const stop = async (): Promise<void> => {
        await running.stop()
        folder.remove()
      }
      return { ...running, stop }
    },
  }
}

const LONGEST_END_MS = 5000

async function endOrStop(running: StoppableServer): Promise<void> {
  const timer = setTimeout(() => {
    running.stop().catch(() => undefined) // `end` waits for the same process
  }, LONGEST_END_MS)
  await running.end()
  clearTimeout(timer)
}
