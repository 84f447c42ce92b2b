import { join } from 'node:path'
import type { GearmanClient } from 'gearman-sdk'
import { GearmanServer, SqliteStore } from 'gearman-sdk/server'
import Database from 'libsql'
import { expect, onTestFinished, test } from 'vitest'
import { rejectionOf, useClient, useWorker } from '../../../helpers/fixtures.ts'
import { failOnLeaks } from '../../../helpers/leaks.ts'
import { useFolder } from '../../../helpers/temporary-folder.ts'

failOnLeaks()

interface Setup {
  readonly server: GearmanServer
  readonly port: number
  readonly client: GearmanClient
  /** Another connection to the file, as an operator has one. */
  readonly database: Database.Database
}

async function setUp(): Promise<Setup> {
  const path = join(useFolder(), 'jobs.db')
  const server = new GearmanServer({ port: 0, store: new SqliteStore({ path }) })
  const { port } = await server.listen()
  const database = new Database(path)
  onTestFinished(async () => {
    database.close()
    await server.close()
  })
  return { server, port, client: useClient([['127.0.0.1', port]]), database }
}

test('a commit that SQLite refuses leaves nothing, refuses its jobs, and the next one works', async () => {
  const { server, port, client, database } = await setUp()
  const kept = await client.submitJob('task', 'kept', { background: true })
  expect(kept.complete).toBe(true)
  database.exec(
    `CREATE TRIGGER full BEFORE INSERT ON gearman_sdk_jobs WHEN NEW.data = CAST('refused' AS BLOB)
     BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`,
  )
  const failed = new Promise((resolve) => server.once('storeFailed', resolve))
  const recovered = new Promise((resolve) => server.once('storeRecovered', resolve))
  const error = await rejectionOf(client.submitJob('task', 'refused', { background: true }))
  expect(error).toMatchObject({ serverCode: 'QUEUE_ERROR' })
  expect(await failed).toMatchObject({
    error: { message: expect.stringMatching(/^sqlite \S+ does not take changes: .*disk is full/) },
    refusedJobs: 1,
  })
  await recovered
  await useWorker({ port }, { task: ({ data }) => data })
  await server.close({ graceful: true })
  const sql = 'SELECT count(*) AS jobs FROM gearman_sdk_jobs'
  expect(database.prepare(sql).get([])).toMatchObject({ jobs: 0 })
})

test('while the file is locked by somebody, foreground jobs go on; then the others are accepted', async () => {
  const { port, client, database } = await setUp()
  await useWorker({ port }, { task: ({ data }) => data })
  database.exec('BEGIN IMMEDIATE')
  let isAccepted = false
  const background = client.submitJob('task', 'waits', { background: true }).then((request) => {
    isAccepted = true
    return request
  })
  const other = useClient([['127.0.0.1', port]])
  for (const data of ['1', '2', '3']) expect(String(await other.do('task', data))).toBe(data)
  expect(isAccepted).toBe(false)
  database.exec('ROLLBACK')
  expect((await background).complete).toBe(true)
})
