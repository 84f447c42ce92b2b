import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { GearmanErrorCode, InvalidArgumentError } from 'gearman-sdk'
import {
  GearmanServer,
  SqliteStore,
  type SqliteStoreOptions,
  type StoredJob,
} from 'gearman-sdk/server'
import Database from 'libsql'
import { describe, expect, test } from 'vitest'
import { rejectionOf, useClient } from '../../../helpers/fixtures.ts'
import { describeWithGearmand, startGearmand } from '../../../helpers/gearmand.ts'
import { RawPeer } from '../../../helpers/raw-peer.ts'
import { describeStoreContract } from '../../../helpers/store-contract.ts'
import { useFolder } from '../../../helpers/temporary-folder.ts'

describeStoreContract('the SQLite store', () => {
  const path = join(useFolder(), 'jobs.db')
  const change = async (sql: string): Promise<void> => {
    const database = new Database(path)
    database.exec(sql)
    database.close()
  }
  return {
    createStore: () => new SqliteStore({ path }),
    makeNewer: () => change(`UPDATE gearman_sdk_meta SET value = 99 WHERE name = 'schema_version'`),
    addUnreadableRow: () =>
      change(
        `CREATE TABLE gearman_queue (unique_key TEXT, function_name TEXT, priority INTEGER, data BLOB,
         when_to_run INTEGER, PRIMARY KEY (unique_key, function_name));
         INSERT INTO gearman_queue VALUES ('u', NULL, 1, x'00', 0)`,
      ),
  }
})

/** What a server found in a file, and what it was told. */
async function replayed(
  path: string,
  options: Partial<SqliteStoreOptions> = {},
): Promise<{ readonly jobs: readonly StoredJob[]; readonly told: readonly string[] }> {
  const store = new SqliteStore({ path, ...options })
  const told: string[] = []
  await store.open({
    owner: { hostname: 'test', pid: 1, since: new Date() },
    setAside: ({ row, reason }) => void told.push(`${row}: ${reason}`),
    notice: (message) => void told.push(message),
  })
  const jobs: StoredJob[] = []
  for await (const batch of store.replay()) jobs.push(...batch)
  await store.close()
  return { jobs, told }
}

describe('a table of gearmand', () => {
  test('is moved into ours once, and what is no job is set aside with all it had', async () => {
    const path = join(useFolder(), 'jobs.db')
    const database = new Database(path)
    database.exec(
      `CREATE TABLE "our ""queue" (unique_key TEXT, function_name TEXT, priority INTEGER, data BLOB);
       INSERT INTO "our ""queue" VALUES ('first', 'f', 2, x'00ff'), ('', 'f', 0, NULL),
         (CAST(x'ff' AS TEXT), CAST(x'e9' AS TEXT), 1, 'text'), (NULL, 'g', 1, ''),
         ('u', '', 1, x'01'), ('u', 'h', 3, x'02'), ('u', 'h', 'high', x'03'),
         ('${'u'.repeat(65)}', 'h', 1, x'04'), ('u', '${'h'.repeat(8193)}', 1, x'05')`,
    )
    const gearmandTable = 'our "queue'
    const { jobs, told } = await replayed(path, { gearmandTable })
    expect(jobs).toMatchObject([
      { key: 1, functionName: 'f', unique: 'first', priority: 2, data: Buffer.from([0, 255]) },
      { key: 2, functionName: 'f', unique: '', priority: 0, data: Buffer.alloc(0) },
      { key: 3, functionName: '\xe9', unique: '\xff', priority: 1, data: Buffer.from('text') },
      { key: 4, functionName: 'g', unique: '', runAtEpochSeconds: 0, retries: 0, reducer: '' },
    ])
    const where = (row: number): string =>
      `row ${row} of our "queue, now in gearman_sdk_set_aside: its`
    expect(told).toEqual([
      'row 5 of our "queue, now in gearman_sdk_set_aside: it has no function',
      `${where(6)} priority is not 0, 1 or 2`,
      `${where(7)} priority is not 0, 1 or 2`,
      `${where(8)} unique id is too long`,
      `${where(9)} function is too long`,
      '4 jobs of gearmand\'s table our "queue were moved into its own',
    ])
    const count = (table: string): unknown =>
      database.prepare(`SELECT count(*) AS rows FROM ${table}`).get([])
    expect(count('"our ""queue"')).toMatchObject({ rows: 0 })
    expect(count('gearman_sdk_set_aside')).toMatchObject({ rows: 5 })
    database.close()
    expect(await replayed(path, { gearmandTable })).toEqual({ jobs, told: [] })
  })
})

test('a table of gearmand that is named must be one, if it is there', async () => {
  const path = join(useFolder(), 'jobs.db')
  const options = { gearmandTable: 'orders' }
  expect((await replayed(path, options)).told).toEqual([
    "there is no table orders: no jobs of gearmand's were moved",
  ])
  const database = new Database(path)
  database.exec('CREATE TABLE orders (id INTEGER)')
  database.close()
  expect((await rejectionOf(replayed(path, options))).message).toBe(
    "the table orders is not gearmand's",
  )
  expect((await replayed(path)).told).toEqual([])
})

describeWithGearmand('a queue that gearmand wrote', () => {
  test('is run by our server: priorities, times, bytes and empty payloads', async () => {
    const path = join(useFolder(), 'jobs.db')
    const args = ['-q', 'libsqlite3', `--libsqlite3-db=${path}`]
    const gearmand = await startGearmand({ args })
    const peer = await RawPeer.connect(gearmand.port)
    const runAt = String(2_000_000_000)
    peer.send('SUBMIT_JOB_BG', 'f', 'one', 'da\0ta')
    peer.send('SUBMIT_JOB_HIGH_BG', 'f', 'two', '')
    peer.send('SUBMIT_JOB_LOW_BG', 'g-h', '', '\xff')
    peer.send('SUBMIT_JOB_EPOCH', 'f', 'three', runAt, 'later')
    for (let answers = 0; answers < 4; answers += 1) await peer.expect('JOB_CREATED')
    peer.destroy()
    await gearmand.stop()

    const { jobs, told } = await replayed(path)
    expect(jobs).toMatchObject([
      { functionName: 'f', unique: 'one', priority: 1, data: Buffer.from('da\0ta') },
      { functionName: 'f', unique: 'two', priority: 0, data: Buffer.alloc(0) },
      { functionName: 'g-h', unique: '', priority: 2, data: Buffer.from('\xff', 'latin1') },
      { functionName: 'f', unique: 'three', runAtEpochSeconds: 2_000_000_000 },
    ])
    expect(told).toEqual(["4 jobs of gearmand's table gearman_queue were moved into its own"])
  })
})

describe('a file that is no store', () => {
  async function refusal(path: string): Promise<Error> {
    const server = new GearmanServer({ port: 0, store: new SqliteStore({ path }) })
    return await rejectionOf(server.listen())
  }

  test.each([
    [
      'a folder that is not there',
      (folder: string) => join(folder, 'none', 'jobs.db'),
      /ENOENT: no such file or directory, access '\S+\/none'$/,
    ],
    [
      'a folder',
      (folder: string) => {
        const path = join(folder, 'folder')
        mkdirSync(path)
        return path
      },
      /: it is no file$/,
    ],
    [
      'some other file',
      (folder: string) => {
        const path = join(folder, 'text')
        writeFileSync(path, 'nothing like a database\n'.repeat(1000))
        return path
      },
      /: file is not a database$/,
    ],
    [
      'a database of UTF-16',
      (folder: string) => {
        const path = join(folder, 'wide.db')
        const database = new Database(path)
        database.exec(`PRAGMA encoding = 'UTF-16le'; CREATE TABLE other (id INTEGER)`)
        database.close()
        return path
      },
      /: its text is UTF-16le; only UTF-8 will do$/,
    ],
  ])('%s is one line that names it', async (_what, makePath, reason) => {
    const path = makePath(useFolder())
    const error = await refusal(path)
    expect(error).toMatchObject({ code: GearmanErrorCode.Store, store: `sqlite ${path}` })
    expect(error.message).toMatch(/^sqlite \S+ cannot be used: .+$/)
    expect(error.message).toMatch(reason)
    expect(error.cause).toBeInstanceOf(Error)
  })

  test.each([
    [undefined],
    [{}],
    [{ path: '' }],
    [{ path: 'a\0b' }],
    [{ path: 'a', gearmandTable: 1 }],
  ])('%j are no options', (options) => {
    expect(() => new SqliteStore(options as unknown as SqliteStoreOptions)).toThrow(
      InvalidArgumentError,
    )
  })
})

test('the file may be read while a server has it, and one name of it is as good as another', async () => {
  const folder = useFolder()
  const path = join(folder, 'jobs.db')
  await using server = new GearmanServer({ port: 0, store: new SqliteStore({ path }) })
  const { port } = await server.listen()
  const client = useClient([['127.0.0.1', port]])
  await client.submitJob('resize', 'photo', { background: true })
  const database = new Database(path)
  const sql = 'SELECT CAST(function_name AS TEXT) AS name FROM gearman_sdk_jobs'
  expect(database.prepare(sql).all([])).toEqual([{ name: 'resize' }])
  database.close()
  symlinkSync(path, join(folder, 'link.db'))
  const other = new GearmanServer({
    port: 0,
    store: new SqliteStore({ path: join(folder, 'link.db') }),
  })
  const { message } = await rejectionOf(other.listen())
  expect(message).toContain(`in use by ${hostname()}, process ${process.pid}, since `)
})
