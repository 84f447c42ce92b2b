import { MysqlStore } from '../../server/index.ts'
import type { StoreKind } from './store-kind.ts'
import { flagRow, portRow, textRow } from './store-rows.ts'

/**
 * `--queue-type libdrizzle`, with gearmand's options and its defaults: Drizzle itself is no longer made, but its
 * library speaks to MySQL, and that is where the tables are.
 */
export const DRIZZLE_KIND: StoreKind = {
  names: ['libdrizzle', 'drizzle'],
  section: {
    title: 'libdrizzle',
    options: [
      textRow('libdrizzle-host', 'a host', { shownDefault: '127.0.0.1', help: 'Host of server.' }),
      portRow('libdrizzle-port', { shownDefault: '3306', help: 'Port of server.' }),
      textRow('libdrizzle-uds', 'a path', { help: 'Unix domain socket for server.' }),
      textRow('libdrizzle-user', 'a name', { shownDefault: 'root', help: 'User name.' }),
      textRow('libdrizzle-password', 'a password', { help: 'Password of the user.' }),
      textRow('libdrizzle-db', 'the name of a database', {
        shownDefault: 'gearman',
        help: 'Database to use.',
      }),
      textRow('libdrizzle-table', 'the name of a table', {
        shownDefault: 'queue',
        help: "gearmand's table in that database: its jobs are taken over.",
      }),
      flagRow('libdrizzle-mysql', {
        help: "Accepted, not needed: MySQL's protocol is the only one.",
        notice: "--libdrizzle-mysql is not needed: MySQL's protocol is the only one",
      }),
    ],
  },
  create: (values) =>
    new MysqlStore({
      host: values.text('libdrizzle-host'),
      port: values.integer('libdrizzle-port'),
      socketPath: values.text('libdrizzle-uds'),
      user: values.text('libdrizzle-user') ?? 'root',
      password: values.text('libdrizzle-password'),
      database: values.text('libdrizzle-db') ?? 'gearman',
      gearmandTable: values.text('libdrizzle-table') ?? 'queue',
    }),
}
