import { join } from 'node:path'
import { GearmanError } from '../../index.ts'
import type { QueueStore } from '../../server/index.ts'
import { SQLITE_KIND } from '../stores/sqlite-kind.ts'
import { BUILTIN, findStoreKind, STORE_KINDS } from '../stores/store-kinds.ts'
import { UsageError } from '../usage-error.ts'
import type { SettingsDraft } from './settings-draft.ts'

/** The database in a data folder. */
const DATA_FILE = 'gearman.db'

/**
 * The store that the options name; `undefined` when jobs live in memory.
 *
 * @throws UsageError when options contradict each other, or one is missing or wrong
 */
export function finishStore({ store }: SettingsDraft): QueueStore | undefined {
  const { queueType, dataFolder, values } = store
  const named = findStoreKind(queueType ?? BUILTIN)
  if (dataFolder !== undefined) {
    if (queueType !== undefined && named !== SQLITE_KIND) {
      throw new UsageError(`--data-dir keeps jobs in SQLite, --queue-type is ${queueType}`)
    }
    if (values.text('libsqlite3-db') !== undefined) {
      throw new UsageError('--data-dir and --libsqlite3-db name two places for one queue')
    }
    values.set('libsqlite3-db', join(dataFolder, DATA_FILE))
  }
  const kind = dataFolder === undefined ? named : SQLITE_KIND
  try {
    return kind?.create(values)
  } catch (error) {
    if (!GearmanError.is(error)) throw error
    throw new UsageError(`--queue-type ${kind?.names[0]}: ${error.message}`, { cause: error })
  }
}

/** What the log says of options for a kind of queue that is not used. */
export function unusedStoreOptions(
  { store }: SettingsDraft,
  named: ReadonlySet<string>,
): readonly string[] {
  const used =
    store.dataFolder === undefined ? findStoreKind(store.queueType ?? BUILTIN) : SQLITE_KIND
  return STORE_KINDS.filter((kind) => kind !== used).flatMap(({ names, section }) =>
    section.options
      .filter(({ name, notice }) => named.has(name) && notice === undefined)
      .map(({ name }) => `--${name} does nothing without --queue-type ${names[0]}`),
  )
}
