import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import type { GearmanClient } from 'gearman-sdk'
import { GearmanServer, SqliteStore } from 'gearman-sdk/server'
import Database from 'libsql'
import { expect, onTestFinished, test } from 'vitest'
import { rejectionOf, until, useClient, useWorker } from '../../../helpers/fixtures.ts'
import { failOnLeaks } from '../../../helpers/leaks.ts'
import { RawPeer, rawPacket } from '../../../helpers/raw-peer.ts'
import { useFolder } from '../../../helpers/temporary-folder.ts'

failOnLeaks()

interface Setup {
  readonly server: GearmanServer
  readonly port: number
  readonly client: GearmanClient
  readonly path: string
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
  return { server, port, client: useClient([['127.0.0.1', port]]), path, database }
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

test('a job that SQLite refuses takes its commit with it once; nothing is stuck behind it', async () => {
  const { server, port, client, database } = await setUp()
  database.exec(
    `CREATE TRIGGER picky BEFORE INSERT ON gearman_sdk_jobs WHEN NEW.data = CAST('poison' AS BLOB)
     BEGIN SELECT RAISE(ABORT, 'not this one'); END`,
  )
  const failed = new Promise((resolve) => server.once('storeFailed', resolve))
  const peer = await RawPeer.connect(port)
  const requests = ['first', 'poison', 'last'].map((data) =>
    rawPacket('SUBMIT_JOB_BG', ['task', '', data]),
  )
  peer.sendBytes(Buffer.concat(requests))
  for (const _ of requests) expect(await peer.expect('ERROR')).toContain('QUEUE_ERROR')
  expect(await failed).toMatchObject({ refusedJobs: 3 })
  for (const data of ['first', 'last']) {
    const request = await client.submitJob('task', data, { background: true })
    expect(request.complete).toBe(true)
  }
  const ran: string[] = []
  const run = ({ data }: { readonly data: Buffer }): Buffer => {
    ran.push(String(data))
    return data
  }
  await useWorker({ port }, { task: run })
  peer.destroy()
  await server.close({ graceful: true })
  expect(ran).toEqual(['first', 'last'])
  const sql = 'SELECT count(*) AS jobs FROM gearman_sdk_jobs'
  expect(database.prepare(sql).get([])).toMatchObject({ jobs: 0 })
})

test('a thread that dies is replaced: its commit is refused, and the next one is written', async () => {
  const threads: Worker[] = []
  const onThread = (thread: Worker): void => void threads.push(thread)
  process.on('worker', onThread)
  onTestFinished(() => void process.off('worker', onThread))
  const { server, client, database, path } = await setUp()
  const kept = await client.submitJob('task', 'kept', { background: true })
  expect(kept.complete).toBe(true)
  const notice = new Promise((resolve) => server.once('storeNotice', resolve))
  const refused = new Promise((resolve) => server.once('storeFailed', resolve))
  // Somebody writes, so that the commit is on its way when the thread dies.
  database.exec('BEGIN IMMEDIATE')
  const lost = rejectionOf(client.submitJob('task', 'lost', { background: true }))
  await until(() => server.stats().storing === 1)
  const death = threads.at(-1)?.terminate()
  database.exec('ROLLBACK')
  await death
  expect(await lost).toMatchObject({ serverCode: 'QUEUE_ERROR' })
  expect(await refused).toMatchObject({ refusedJobs: 1 })
  const next = await client.submitJob('task', 'next', { background: true })
  expect(next.complete).toBe(true)
  expect(await notice).toMatchObject({ message: expect.stringContaining('its thread was lost') })
  // The new one has the lock of the old one.
  const second = new GearmanServer({ port: 0, store: new SqliteStore({ path }) })
  expect((await rejectionOf(second.listen())).message).toContain(`process ${process.pid}`)
  const sql = 'SELECT CAST(data AS TEXT) AS data FROM gearman_sdk_jobs ORDER BY key'
  await until(() => server.stats().storing === 0)
  expect(database.prepare(sql).all([])).toEqual([{ data: 'kept' }, { data: 'next' }])
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
