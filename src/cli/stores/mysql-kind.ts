import { MysqlStore } from '../../server/index.ts'
import { UsageError } from '../usage-error.ts'
import type { StoreKind } from './store-kind.ts'
import { portRow, textRow } from './store-rows.ts'

/** `--queue-type MySQL`, with gearmand's options. */
export const MYSQL_KIND: StoreKind = {
  names: ['MySQL', 'MariaDB'],
  section: {
    title: 'MySQL',
    options: [
      textRow('mysql-host', 'a host', { shownDefault: '127.0.0.1', help: 'MySQL host.' }),
      portRow('mysql-port', { shownDefault: '3306', help: 'Port of server.' }),
      textRow('mysql-user', 'a name', {
        help: 'MySQL user. Default: the account of the process, as for all programs of MySQL.',
      }),
      textRow('mysql-password', 'a password', {
        help: 'MySQL user password. Whoever sees the processes sees it, unless it is in a --config-file.',
      }),
      textRow('mysql-db', 'the name of a database', { help: 'MySQL database.' }),
      textRow('mysql-table', 'the name of a table', {
        shownDefault: 'gearman_queue',
        help: "gearmand's table in that database: its jobs are taken over.",
      }),
      textRow('mysql-queue', 'a name', {
        shownDefault: 'default',
        help: 'Servers with different names have different queues in one database.',
      }),
    ],
  },
  create(values) {
    const database = values.text('mysql-db')
    if (database === undefined) throw new UsageError('--queue-type MySQL needs --mysql-db NAME')
    return new MysqlStore({
      host: values.text('mysql-host'),
      port: values.integer('mysql-port'),
      user: values.text('mysql-user'),
      password: values.text('mysql-password'),
      database,
      gearmandTable: values.text('mysql-table'),
      queueName: values.text('mysql-queue'),
    })
  },
}
