import { PostgresStore } from 'gearman-sdk/server'
import { expect, test } from 'vitest'
import { rejectionOf, until, useWorker } from '../../../helpers/fixtures.ts'
import { describeWithGearmand, startGearmand } from '../../../helpers/gearmand.ts'
import { failOnLeaks } from '../../../helpers/leaks.ts'
import { describeWithPostgres, usePostgres } from '../../../helpers/postgres.ts'
import { openStore, readStore, storedJob } from '../../../helpers/stored-jobs.ts'

failOnLeaks()

describeWithPostgres('the way back to gearmand from PostgreSQL', () => {
  const postgres = usePostgres()

  describeWithGearmand('with a gearmand', () => {
    test('it runs what it can hold; what it cannot stays here, with the reason', async () => {
      const { connectionString, query } = await postgres.createSchema()
      const store = new PostgresStore({ connectionString })
      const { commit } = await openStore(store)
      const euro = '\xe2\x82\xac'
      await commit({
        added: [
          storedJob(1, { data: Buffer.from('one\0'), unique: euro, functionName: 'resize' }),
          storedJob(2, { data: Buffer.alloc(0), priority: 0, unique: '\\ $1 "' }),
          storedJob(3, { data: Buffer.from('\xff', 'latin1'), unique: '-', retries: 2 }),
          storedJob(4, { data: Buffer.from('four') }),
          storedJob(5, { runAtEpochSeconds: 2_000_000_000 }),
          storedJob(6, { unique: '\xff' }),
          storedJob(7, { functionName: 'f'.repeat(256) }),
          storedJob(8, { unique: euro }),
          storedJob(9, { reducer: 'sum' }),
          storedJob(10, { unique: `'; DROP TABLE queue; --` }),
        ],
      })
      expect(await store.exportToGearmand()).toEqual({
        place: 'table queue',
        moved: 4,
        changed: [
          { jobs: 3, reason: 'will have high priority: gearmand reads no other back' },
          { jobs: 2, reason: 'got a unique id: gearmand keeps one job of a task without' },
          { jobs: 1, reason: 'lost the count of workers that were lost with them' },
        ],
        kept: [
          { jobs: 1, reason: 'have a time to run, which gearmand does not keep' },
          {
            jobs: 1,
            reason: 'have a name or unique id that is no text in the encoding of the database',
          },
          { jobs: 1, reason: 'have a task name too long for gearmand' },
          { jobs: 1, reason: 'have the task and unique id of another one' },
          { jobs: 1, reason: 'have a reducer, which gearmand does not keep' },
          {
            jobs: 1,
            reason: 'have a quote in a name or unique id, which gearmand takes for SQL',
          },
        ],
      })
      await store.close()

      const args = ['-q', 'Postgres', `--libpq-conninfo=${connectionString}`]
      const gearmand = await startGearmand({ args })
      const worker = await useWorker(gearmand, { resize: () => 'done' })
      await until(() => worker.jobs.length === 4)
      const ran = worker.jobs.map(({ data }) => data.toString('latin1')).sort()
      expect(ran).toEqual(['', 'four', 'one\0', '\xff'])
      await until(async () => (await query('SELECT FROM queue')).length === 0)
      await gearmand.stop()

      const { jobs } = await readStore(new PostgresStore({ connectionString }))
      expect(jobs.map(({ key }) => key)).toEqual([5, 6, 7, 8, 9, 10])
    })
  })

  test("somebody else's table with that name is left as it is, and so are the jobs", async () => {
    const { connectionString, query } = await postgres.createSchema()
    await query('CREATE TABLE queue (id integer)')
    const store = new PostgresStore({ connectionString })
    const { commit } = await openStore(store)
    await commit({ added: [storedJob(1)] })
    const { message } = await rejectionOf(store.exportToGearmand())
    expect(message).toBe("the table queue is not gearmand's")
    await store.close()
    expect(await query('SELECT key FROM gearman_sdk_jobs')).toEqual([{ key: '1' }])
  })

  test('more jobs than fit into one batch are moved, into a table of an old gearmand too', async () => {
    const { connectionString, query } = await postgres.createSchema()
    await query(
      `CREATE TABLE "Our queue" (unique_key VARCHAR(64), function_name VARCHAR(255), priority INTEGER,
       data BYTEA, UNIQUE (unique_key, function_name))`,
    )
    const store = new PostgresStore({ connectionString, gearmandTable: 'Our queue' })
    const { commit } = await openStore(store)
    const added = Array.from({ length: 2500 }, (_, index) => storedJob(index + 1))
    await commit({ added })
    expect(await store.exportToGearmand()).toMatchObject({ moved: 2500, kept: [] })
    await store.close()
    const sql = `SELECT count(*)::integer AS jobs, sum(when_to_run)::integer AS times FROM "Our queue"`
    expect(await query(sql)).toEqual([{ jobs: 2500, times: 0 }])
  })
})
