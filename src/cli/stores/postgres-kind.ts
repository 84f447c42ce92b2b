import { PostgresStore } from '../../server/index.ts'
import { UsageError } from '../usage-error.ts'
import type { StoreKind } from './store-kind.ts'
import { textRow } from './store-rows.ts'

/** `--queue-type Postgres`, with gearmand's options. */
export const POSTGRES_KIND: StoreKind = {
  names: ['Postgres', 'PostgreSQL'],
  section: {
    title: 'Postgres',
    options: [
      textRow('libpq-conninfo', 'a connection string', {
        help: 'PostgreSQL connection information, as in "host=db dbname=jobs". Default: the variables PGHOST, PGUSER ...',
      }),
      textRow('libpq-table', 'the name of a table', {
        shownDefault: 'queue',
        help: "gearmand's table in that database: its jobs are taken over.",
      }),
      textRow('postgres-url', 'a URL', {
        help: 'In place of --libpq-conninfo: postgres://USER:PASSWORD@HOST/DATABASE.',
      }),
      textRow('postgres-queue', 'a name', {
        shownDefault: 'default',
        help: 'Name of the queue: servers with different names may share a database.',
      }),
    ],
  },
  create(values) {
    const conninfo = values.text('libpq-conninfo')
    const url = values.text('postgres-url')
    if (conninfo !== undefined && url !== undefined) {
      throw new UsageError('--postgres-url and --libpq-conninfo name two places')
    }
    // It is not shown: it may hold a password.
    if (url !== undefined && !/^postgres(?:ql)?:\/\//.test(url)) {
      throw new UsageError('--postgres-url must be like postgres://USER:PASSWORD@HOST/DATABASE')
    }
    return new PostgresStore({
      connectionString: url ?? conninfo,
      gearmandTable: values.text('libpq-table'),
      queueName: values.text('postgres-queue'),
    })
  },
}
