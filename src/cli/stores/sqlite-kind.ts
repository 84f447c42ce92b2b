import { SqliteStore } from '../../server/index.ts'
import { UsageError } from '../usage-error.ts'
import type { StoreKind } from './store-kind.ts'
import { flagRow, textRow } from './store-rows.ts'

/** `--queue-type libsqlite3`, with gearmand's options. */
export const SQLITE_KIND: StoreKind = {
  names: ['libsqlite3', 'sqlite'],
  section: {
    title: 'libsqlite3',
    options: [
      textRow('libsqlite3-db', 'a path', { help: 'Database file to use.' }),
      textRow('libsqlite3-table', 'the name of a table', {
        shownDefault: 'gearman_queue',
        help: "gearmand's table in that file: its jobs are taken over.",
      }),
      flagRow('store-queue-on-shutdown', {
        help: 'Accepted, not needed: each job is stored before the client is told that it was accepted.',
        notice: '--store-queue-on-shutdown is not needed: each job is stored at once',
      }),
    ],
  },
  create(values) {
    const path = values.text('libsqlite3-db')
    if (path === undefined) {
      throw new UsageError('--queue-type libsqlite3 needs --libsqlite3-db FILE, or --data-dir DIR')
    }
    return new SqliteStore({ path, gearmandTable: values.text('libsqlite3-table') })
  },
}
