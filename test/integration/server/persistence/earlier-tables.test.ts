import { join } from 'node:path'
import { MysqlStore, PostgresStore, type QueueStore, SqliteStore } from 'gearman-sdk/server'
import Database from 'libsql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWithMariadb, type Mariadb, startMariadb } from '../../../helpers/mariadb.ts'
import { describeWithPostgres, usePostgres } from '../../../helpers/postgres.ts'
import { openStore, readStore, storedJob } from '../../../helpers/stored-jobs.ts'
import { useFolder } from '../../../helpers/temporary-folder.ts'

/** What the first versions, which kept no jobs that are over, do not have. */
const NO_OUTCOMES = 'DROP TABLE gearman_sdk_outcomes'

/** Tables of an earlier version, with a job in them, are brought up to date by the next start. */
async function expectUpgrade(
  createStore: () => QueueStore,
  makeEarlier: () => Promise<unknown>,
): Promise<void> {
  const first = createStore()
  await (await openStore(first)).commit({ added: [storedJob(1)], highestKey: 7 })
  await first.close()
  await makeEarlier()
  const next = createStore()
  const { jobs, highestKey, commit } = await openStore(next)
  expect({ jobs, highestKey }).toEqual({ jobs: [storedJob(1)], highestKey: 7 })
  const output = Buffer.from('exception')
  const ending = { kind: 'exception', canRequeue: true, endedAtMs: 1, output } as const
  await commit({ removed: [1], outcomes: [{ job: storedJob(1), ...ending }] })
  await next.close()
  expect((await readStore(createStore())).jobs).toEqual([])
}

test('tables of an earlier version are brought up to date in SQLite', async () => {
  const path = join(useFolder(), 'jobs.db')
  await expectUpgrade(
    () => new SqliteStore({ path }),
    async () => {
      const database = new Database(path)
      database.exec(
        `${NO_OUTCOMES}; UPDATE gearman_sdk_meta SET value = 1 WHERE name = 'schema_version'`,
      )
      database.close()
    },
  )
})

describeWithPostgres('tables of an earlier version', () => {
  const postgres = usePostgres()

  test('are brought up to date in PostgreSQL', async () => {
    const { connectionString, query } = await postgres.createSchema()
    await expectUpgrade(
      () => new PostgresStore({ connectionString }),
      () =>
        query(
          `${NO_OUTCOMES}; UPDATE gearman_sdk_meta SET value = '1' WHERE name = 'schema_version'`,
        ),
    )
  })
})

describeWithMariadb('tables of an earlier version', () => {
  let mariadb: Mariadb
  beforeAll(async () => {
    mariadb = await startMariadb()
  }, 120_000)
  afterAll(() => mariadb.remove())

  test('are brought up to date in MariaDB, also when a crash cut that short', async () => {
    const { host, port, user, password } = mariadb
    const place = { host, port, user, password, database: await mariadb.createDatabase() }
    const setVersion = `UPDATE gearman_sdk_meta SET value = 3 WHERE name = 'schema_version'`
    await expectUpgrade(
      () => new MysqlStore(place),
      () => mariadb.run(place.database, `${NO_OUTCOMES}; ${setVersion}`),
    )
    // The table was made, but its number was not written.
    await mariadb.run(place.database, setVersion)
    expect((await readStore(new MysqlStore(place))).jobs).toEqual([])
  })
})
