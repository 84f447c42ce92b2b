import { MysqlStore } from 'gearman-sdk/server'
import { afterAll, beforeAll } from 'vitest'
import { describeWithMariadb, type Mariadb, startMariadb } from '../../../helpers/mariadb.ts'
import { describeStoreContract } from '../../../helpers/store-contract.ts'

describeWithMariadb('the MySQL store on MariaDB', () => {
  let mariadb: Mariadb
  beforeAll(async () => {
    mariadb = await startMariadb(['--max-allowed-packet=64M'])
  })
  afterAll(() => mariadb.remove())

  describeStoreContract('the MySQL store', async () => {
    const database = await mariadb.createDatabase()
    const { host, port, user, password } = mariadb
    const place = { host, port, user, password, database }
    const change = async (sql: string): Promise<void> => void (await mariadb.run(database, sql))
    return {
      createStore: () => new MysqlStore(place),
      createOtherStore: () => new MysqlStore({ ...place, queueName: 'other' }),
      makeNewer: () =>
        change(`UPDATE gearman_sdk_meta SET value = 99 WHERE name = 'schema_version'`),
      addUnreadableRow: () =>
        change(
          `CREATE TABLE gearman_queue (unique_key VARCHAR(64), function_name VARCHAR(255), priority INT,
           data LONGBLOB, when_to_run INT);
           INSERT INTO gearman_queue VALUES ('u', NULL, 1, x'00', 0)`,
        ),
      remove: () => change(`DROP DATABASE ${database}`),
    }
  })
})
