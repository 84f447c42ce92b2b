import { hostname } from 'node:os'
import type { ExportedJobs, ExportNote, QueueStore, StoreContext } from '../../server/index.ts'
import { describeError } from '../describe-error.ts'
import type { ServerSettings } from '../server-settings.ts'
import { Account } from './account.ts'
import { COMMAND_NAME } from './launch.ts'
import { StartFailure } from './start-failure.ts'

/** Where the counts and the problems go. */
export interface ExportIo {
  writeOut(text: string): void
  writeError(text: string): void
}

/**
 * Moves the queue of the settings to where gearmand finds it, as `--export-queue` says. No server is started,
 * and none may have the queue open.
 *
 * @returns the exit code: 1 when nothing was moved because something is wrong, which is one line then
 */
export async function exportQueue(settings: ServerSettings, io: ExportIo): Promise<number> {
  const tell = (line: string): void => io.writeError(`${COMMAND_NAME}: ${line}\n`)
  try {
    const { store } = settings.server
    if (store === undefined) {
      throw new StartFailure('--export-queue needs a queue: --data-dir or --queue-type')
    }
    if (settings.user !== undefined) new Account(settings.user).become()
    const exported = await exportStore(store, tell)
    io.writeOut(describeExport(store, exported))
    return 0
  } catch (error) {
    tell(describeError(error))
    return 1
  }
}

async function exportStore(store: QueueStore, tell: (line: string) => void): Promise<ExportedJobs> {
  const { name } = store
  if (store.exportToGearmand === undefined) {
    throw new StartFailure(`${name}: gearmand has no queue of this kind`)
  }
  const context: StoreContext = {
    owner: { hostname: hostname(), pid: process.pid, since: new Date() },
    setAside: ({ row, reason }) => tell(`${name} has a row that is no job: ${row}: ${reason}`),
    notice: (message) => tell(`${name}: ${message}`),
  }
  try {
    await store.open(context)
    try {
      return await store.exportToGearmand()
    } finally {
      await store.close()
    }
  } catch (cause) {
    throw new StartFailure(`${name} cannot be exported: ${describeError(cause)}`, { cause })
  }
}

function describeExport(store: QueueStore, { place, moved, changed, kept }: ExportedJobs): string {
  const line = (text: string, { jobs, reason }: ExportNote): string => `${text} ${jobs} ${reason}\n`
  return [
    `${store.name}: ${moved} jobs were moved to gearmand's ${place}\n`,
    ...changed.map((note) => line('  of these,', note)),
    ...kept.map((note) => line('  not moved:', note)),
  ].join('')
}
