import { GearmanErrorCode, InvalidArgumentError } from 'gearman-sdk'
import {
  GearmanServer,
  PostgresStore,
  type PostgresStoreOptions,
  type StoredJob,
} from 'gearman-sdk/server'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createCertificate } from '../../../helpers/certificate.ts'
import { rejectionOf } from '../../../helpers/fixtures.ts'
import { describeWithGearmand, findFreePort, startGearmand } from '../../../helpers/gearmand.ts'
import { failOnLeaks } from '../../../helpers/leaks.ts'
import { describeWithPostgres, POSTGRES_PASSWORD, usePostgres } from '../../../helpers/postgres.ts'
import { RawPeer } from '../../../helpers/raw-peer.ts'
import { describeStoreContract } from '../../../helpers/store-contract.ts'

failOnLeaks()

const GEARMAND_TABLE = `queue (unique_key VARCHAR(64), function_name VARCHAR(255), priority INTEGER,
  data BYTEA, when_to_run INTEGER, UNIQUE (unique_key, function_name))`

/** What a server found in a database, and what it was told. */
async function replayed(
  options: PostgresStoreOptions,
): Promise<{ readonly jobs: readonly StoredJob[]; readonly told: readonly string[] }> {
  const store = new PostgresStore(options)
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

describeWithPostgres('with a PostgreSQL', () => {
  const postgres = usePostgres()

  describeStoreContract('the PostgreSQL store', async () => {
    const { connectionString, query } = await postgres.createSchema()
    return {
      createStore: () => new PostgresStore({ connectionString }),
      createOtherStore: () => new PostgresStore({ connectionString, queueName: 'other' }),
      makeNewer: async () =>
        void (await query(
          `UPDATE gearman_sdk_meta SET value = '99' WHERE name = 'schema_version'`,
        )),
      addUnreadableRow: async () =>
        void (await query(
          `CREATE TABLE ${GEARMAND_TABLE}; INSERT INTO queue VALUES ('u', NULL, 1, '\\x00', 0)`,
        )),
    }
  })

  describe('a table of gearmand', () => {
    test('is moved into ours once, and what is no job is set aside with all it had', async () => {
      const { connectionString, query } = await postgres.createSchema()
      await query(
        `CREATE TABLE "our ""queue" (unique_key TEXT, function_name TEXT, priority TEXT, data BYTEA);
         INSERT INTO "our ""queue" VALUES ('first', 'f', 2, '\\x00ff'), ('', 'f', 0, NULL),
           ('\u00e9', '\u20ac', 1, '\\x01'), (NULL, 'g', 1, ''), ('u', '', 1, '\\x01'), ('u', 'h', 3, '\\x02'),
           ('u', 'h', 'high', '\\x03'), ('${'u'.repeat(65)}', 'h', 1, '\\x04'),
           ('u', '${'h'.repeat(8193)}', 1, '\\x05')`,
      )
      const options = { connectionString, gearmandTable: 'our "queue' }
      const { jobs, told } = await replayed(options)
      expect(jobs).toMatchObject([
        { key: 1, functionName: 'f', unique: 'first', priority: 2, data: Buffer.from([0, 255]) },
        { key: 2, functionName: 'f', unique: '', priority: 0, data: Buffer.alloc(0) },
        { key: 3, functionName: '\xe2\x82\xac', unique: '\xc3\xa9', data: Buffer.from([1]) },
        { key: 4, functionName: 'g', unique: '', runAtEpochSeconds: 0, retries: 0, reducer: '' },
      ])
      const where = (row: number): string =>
        `a row of our "queue, now row ${row} of gearman_sdk_set_aside: it`
      expect(told).toEqual([
        `${where(1)} has no function`,
        `${where(2)}s priority is not 0, 1 or 2`,
        `${where(3)}s priority is not 0, 1 or 2`,
        `${where(4)}s unique id is too long`,
        `${where(5)}s function is too long`,
        '4 jobs of gearmand\'s table our "queue were moved into its own',
      ])
      const rows = await query('SELECT priority FROM gearman_sdk_set_aside ORDER BY id')
      expect(rows.map(({ priority }) => priority)).toEqual(['1', '3', 'high', '1', '1'])
      expect(await query('SELECT * FROM "our ""queue"')).toEqual([])
      expect(await replayed(options)).toEqual({ jobs, told: [] })
    })

    test("of somebody else's with that name is left as it is", async () => {
      const { connectionString, query } = await postgres.createSchema()
      await query(`CREATE TABLE queue (id integer, data bytea); INSERT INTO queue VALUES (1, '')`)
      expect(await replayed({ connectionString })).toEqual({ jobs: [], told: [] })
      expect(await query('SELECT id FROM queue')).toEqual([{ id: 1 }])
    })

    test('that is named must be one, if it is there', async () => {
      const { connectionString, query } = await postgres.createSchema()
      const options = { connectionString, gearmandTable: 'orders' }
      expect((await replayed(options)).told).toEqual([
        "there is no table orders: no jobs of gearmand's were moved",
      ])
      await query('CREATE TABLE orders (id integer)')
      const { message } = await rejectionOf(replayed(options))
      expect(message).toBe("the table orders is not gearmand's")
    })
  })

  describeWithGearmand('a queue that gearmand wrote', () => {
    test('comes back whole: priorities, times and bytes', async () => {
      const { connectionString } = await postgres.createSchema()
      const args = ['-q', 'Postgres', `--libpq-conninfo=${connectionString}`]
      const gearmand = await startGearmand({ args: [...args, '--libpq-table=Waiting'] })
      const peer = await RawPeer.connect(gearmand.port)
      peer.send('SUBMIT_JOB_BG', 'f', 'one', 'da\0ta')
      peer.send('SUBMIT_JOB_HIGH_BG', 'f', 'two', '')
      peer.send('SUBMIT_JOB_LOW_BG', 'g-h', '', '\xff')
      peer.send('SUBMIT_JOB_EPOCH', 'f', 'three', String(2_000_000_000), 'later')
      for (let answers = 0; answers < 4; answers += 1) await peer.expect('JOB_CREATED')
      peer.destroy()
      await gearmand.stop()

      const { jobs, told } = await replayed({ connectionString, gearmandTable: 'Waiting' })
      expect(jobs).toMatchObject([
        { functionName: 'f', unique: 'one', priority: 1, data: Buffer.from('da\0ta') },
        { functionName: 'f', unique: 'two', priority: 0, data: Buffer.alloc(0) },
        { functionName: 'g-h', unique: '', priority: 2, data: Buffer.from('\xff', 'latin1') },
        { functionName: 'f', unique: 'three', runAtEpochSeconds: 2_000_000_000 },
      ])
      expect(told).toEqual(["4 jobs of gearmand's table Waiting were moved into its own"])
    })
  })

  test('with TLS: as sslmode and sslrootcert of libpq say, or as the option ssl does', async () => {
    const own = createCertificate({ hosts: ['localhost'] })
    const ca = postgres.addFile('server.crt', own.cert)
    const key = postgres.addFile('server.key', own.key)
    const other = postgres.addFile('other.crt', createCertificate().cert)
    await postgres.kill()
    await postgres.start({ ssl: 'on', ssl_cert_file: ca, ssl_key_file: key })
    onTestFinished(async () => {
      await postgres.kill()
      await postgres.start()
    })
    const { connectionString, query } = await postgres.createSchema()
    const open = async (more: string, options: PostgresStoreOptions = {}): Promise<unknown> => {
      const store = new PostgresStore({
        connectionString: `${connectionString} ${more}`,
        host: 'localhost',
        ...options,
      })
      const server = new GearmanServer({ port: 0, store })
      await server.listen()
      const sql = `SELECT ssl FROM pg_stat_ssl JOIN gearman_sdk_queues ON pid = backend_pid`
      const [row] = await query(sql)
      await server.close()
      return row?.['ssl']
    }
    expect(await open('sslmode=disable')).toBe(false)
    expect(await open('sslmode=require')).toBe(true)
    expect(await open(`sslmode=verify-full sslrootcert=${ca}`)).toBe(true)
    expect(await open(`sslmode=verify-ca sslrootcert=${ca}`, { host: '127.0.0.1' })).toBe(true)
    expect(await open('', { ssl: { ca: own.cert } })).toBe(true)
    const refusals: [string, PostgresStoreOptions][] = [
      [`sslmode=verify-full sslrootcert=${ca}`, { host: '127.0.0.1' }],
      [`sslmode=require sslrootcert=${other}`, {}],
      ['sslmode=verify-full', {}],
      ['', { ssl: true }],
    ]
    for (const [more, options] of refusals) {
      expect((await rejectionOf(open(more, options))).message).toMatch(/certificate|altnames/)
    }
    const { message } = await rejectionOf(open('sslmode=verify-ca sslrootcert=/none.crt'))
    expect(message).toMatch(/cannot be used: ENOENT.*none\.crt/)
  })

  describe('a database that cannot be used', () => {
    async function refusal(options: PostgresStoreOptions): Promise<Error> {
      const { host, port, user, database } = postgres
      const password = POSTGRES_PASSWORD
      const store = new PostgresStore({ host, port, user, database, password, ...options })
      const error = await rejectionOf(new GearmanServer({ port: 0, store }).listen())
      expect(error).toMatchObject({ code: GearmanErrorCode.Store, store: store.name })
      expect(error.message).not.toMatch(/secret|\n/)
      return error
    }

    test.each([
      ['wrong password', { password: 'wrong' }, /password authentication failed/],
      ['no password', { password: '' }, /asks for a password/],
      ['unknown user', { user: 'nobody' }, /authentication failed for user "nobody"/],
      ['unknown database', { database: 'none' }, /database "none" does not exist/],
      ['unknown host', { host: 'none.invalid' }, /none\.invalid/],
      ['TLS that it does not speak', { ssl: true }, /SSL/],
    ])('%s: one line that says so', async (_what, options, reason) => {
      const { message } = await refusal(options)
      expect(message).toMatch(
        /^postgres \S+(jobs database|none) cannot be used: cannot connect to /,
      )
      expect(message).toMatch(reason)
    })

    test('nobody listens: one line that says so', async () => {
      const port = await findFreePort()
      const { message } = await refusal({ host: 'localhost', port })
      expect(message).toMatch(/connect to localhost:\d+\/jobs database: .*ECONNREFUSED/)
    })
  })
})

test.each([
  [{ connectionString: 'host=a b' }, /^connectionString is no connection string: .* character 7$/],
  [{ connectionString: 'postgres://a:b@c:d/e' }, /^connectionString is no URL like /],
  [{ connectionString: 'service=jobs' }, /^connectionString has the keyword service/],
  [{ connectionString: 'host=a,b' }, /^connectionString must name one host/],
  [{ connectionString: 'sslmode=maybe' }, /^connectionString has the sslmode "maybe"/],
  [{ connectionString: 'port=70000' }, /^port must be a whole number/],
  [{ connectionString: 7 }, /^connectionString must be a text/],
  [{ password: 'secret\0' }, /^password must be a text without NUL$/],
  [{ port: 0 }, /^port must be a whole number/],
  [{ queueName: '' }, /^queueName must be a name/],
  [{ gearmandTable: 1 }, /^gearmandTable must be a name/],
  [{ timeout: 0 }, /^timeout must be a whole number/],
])('%j are no options', (options, message) => {
  const create = (): PostgresStore => new PostgresStore(options as unknown as PostgresStoreOptions)
  expect(create).toThrow(InvalidArgumentError)
  expect(create).toThrow(message)
})
