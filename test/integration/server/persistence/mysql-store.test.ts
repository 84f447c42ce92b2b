import { spawnSync } from 'node:child_process'
import { hostname } from 'node:os'
import { GearmanErrorCode, type ServerError } from 'gearman-sdk'
import {
  GearmanServer,
  MysqlStore,
  type MysqlStoreOptions,
  type ServerOptions,
  type StoredJob,
  type StoredOutcome,
} from 'gearman-sdk/server'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { rejectionOf, until, useClient, useWorker } from '../../../helpers/fixtures.ts'
import { describeWithGearmand, startGearmand } from '../../../helpers/gearmand.ts'
import { describeWithMariadb, type Mariadb, startMariadb } from '../../../helpers/mariadb.ts'
import { RawPeer } from '../../../helpers/raw-peer.ts'
import { describeStoreContract } from '../../../helpers/store-contract.ts'

const PACKET = 64 * 1024 * 1024
/** MariaDB makes its tables first. */
const START_TIMEOUT_MS = 120_000

describeWithMariadb('on MariaDB', () => {
  let mariadb: Mariadb
  beforeAll(async () => {
    mariadb = await startMariadb([`--max-allowed-packet=${PACKET}`])
  }, START_TIMEOUT_MS)
  afterAll(() => mariadb.remove())

  /** Where a test has an empty database. */
  async function newPlace(): Promise<MysqlStoreOptions & { readonly database: string }> {
    const { host, port, user, password } = mariadb
    return { host, port, user, password, database: await mariadb.createDatabase() }
  }

  /** gearmand's options for a database. */
  function gearmandArguments(database: string): readonly string[] {
    const { host, port, user, password } = mariadb
    return [
      ...['-q', 'MySQL', `--mysql-host=${host}`, `--mysql-port=${port}`, `--mysql-user=${user}`],
      ...[`--mysql-password=${password}`, `--mysql-db=${database}`],
    ]
  }

  /** A server for one test. */
  function useServer(place: MysqlStoreOptions, options: ServerOptions = {}): GearmanServer {
    const server = new GearmanServer({ ...options, port: 0, store: new MysqlStore(place) })
    onTestFinished(() => server.close())
    return server
  }

  describeStoreContract('the MySQL store', async () => {
    const place = await newPlace()
    const { database } = place
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

  /** What a server found, and what it was told. */
  async function replayed(
    place: MysqlStoreOptions,
  ): Promise<{ readonly jobs: readonly StoredJob[]; readonly told: readonly string[] }> {
    const store = new MysqlStore(place)
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
      const place = await newPlace()
      const gearmandTable = 'our `queue'
      await mariadb.run(
        place.database,
        `CREATE TABLE \`our \`\`queue\` (unique_key VARCHAR(100), function_name VARCHAR(9000) CHARACTER SET latin1,
           priority VARCHAR(9), data LONGBLOB, when_to_run BIGINT) CHARACTER SET latin1;
         INSERT INTO \`our \`\`queue\` VALUES ('first', 'f', 2, x'00ff', 0), ('', 'f', 0, NULL, 2000000000),
           ('caf\u00e9', 'g', 1, 'text', -1), (NULL, 'g', 1, '', NULL), ('u', '', 1, '', 0), ('u', 'h', 3, 'x', 0),
           ('u', 'h', 'high', 'x', 0), ('${'u'.repeat(65)}', 'h', 1, 'x', 0), ('u', '${'h'.repeat(8193)}', 1, 'x', 0)`,
      )
      const { jobs, told } = await replayed({ ...place, gearmandTable })
      expect(jobs).toMatchObject([
        { key: 1, functionName: 'f', unique: 'first', priority: 2, data: Buffer.from([0, 255]) },
        { key: 2, unique: '', priority: 0, data: Buffer.alloc(0), runAtEpochSeconds: 2e9 },
        // gearmand speaks UTF-8 to the database, whatever the table has.
        { key: 3, unique: 'caf\xc3\xa9', data: Buffer.from('text'), runAtEpochSeconds: 0 },
        { key: 4, functionName: 'g', unique: '', runAtEpochSeconds: 0, retries: 0, reducer: '' },
      ])
      expect(told).toHaveLength(6)
      expect(told[0]).toBe(
        'a row of our `queue with unique "u" and function "", now in gearman_sdk_set_aside: it has no function',
      )
      expect(told.at(-1)).toBe("4 jobs of gearmand's table our `queue were moved into its own")
      const [counts] = await mariadb.run(
        place.database,
        `SELECT (SELECT COUNT(*) FROM \`our \`\`queue\`) AS left_over,
           (SELECT COUNT(*) FROM gearman_sdk_set_aside WHERE data = 'x') AS set_aside`,
      )
      expect(counts).toEqual({ left_over: 0, set_aside: 4 })
      expect(await replayed({ ...place, gearmandTable })).toEqual({ jobs, told: [] })
    })

    test('that is named must be one, if it is there', async () => {
      const place = { ...(await newPlace()), gearmandTable: 'orders' }
      expect((await replayed(place)).told).toEqual([
        "there is no table orders: no jobs of gearmand's were moved",
      ])
      await mariadb.run(place.database, 'CREATE TABLE orders (id INT)')
      const { message } = await rejectionOf(replayed(place))
      expect(message).toBe("the table orders is not gearmand's")
    })

    test("may be that of gearmand's manual, in a table without transactions", async () => {
      const place = await newPlace()
      await mariadb.run(
        place.database,
        `CREATE TABLE gearman_queue (id INT UNSIGNED NOT NULL AUTO_INCREMENT, unique_key VARCHAR(64),
           function_name VARCHAR(255), when_to_run INT, priority INT, data LONGBLOB, PRIMARY KEY (id),
           UNIQUE KEY (unique_key, function_name)) ENGINE=MyISAM DEFAULT CHARSET=utf8;
         INSERT INTO gearman_queue VALUES (7, 'b', 'f', 0, 1, 'second'), (3, 'a', 'f', 0, 0, 'first')`,
      )
      const { jobs } = await replayed(place)
      expect(jobs.map(({ data }) => String(data))).toEqual(['first', 'second'])
      expect((await replayed(place)).jobs).toEqual(jobs)
    })
  })

  describeWithGearmand('a queue that gearmand wrote', () => {
    test('is run by our server: priorities, times, bytes and empty payloads', async () => {
      const place = await newPlace()
      const gearmand = await startGearmand({ args: gearmandArguments(place.database) })
      const peer = await RawPeer.connect(gearmand.port)
      peer.send('SUBMIT_JOB_BG', 'f', 'one', 'da\0ta')
      peer.send('SUBMIT_JOB_HIGH_BG', 'f', 'caf\xc3\xa9', '')
      peer.send('SUBMIT_JOB_LOW_BG', 'g-h', '-', '\xff')
      peer.send('SUBMIT_JOB_EPOCH', 'f', 'three', '2000000000', 'later')
      for (let answers = 0; answers < 4; answers += 1) await peer.expect('JOB_CREATED')
      peer.destroy()
      await gearmand.stop()
      const { jobs, told } = await replayed(place)
      expect(told).toEqual(["4 jobs of gearmand's table gearman_queue were moved into its own"])
      expect(jobs).toMatchObject([
        { functionName: 'f', unique: 'one', priority: 1, data: Buffer.from('da\0ta') },
        { functionName: 'f', unique: 'caf\xc3\xa9', priority: 0, data: Buffer.alloc(0) },
        { functionName: 'g-h', unique: '-', priority: 2, data: Buffer.from('\xff', 'latin1') },
        { functionName: 'f', unique: 'three', runAtEpochSeconds: 2_000_000_000 },
      ])
    })
  })

  describeWithGearmand('a queue that gearmand is to run', () => {
    test('is moved to its table, but for what it cannot hold', async () => {
      const place = await newPlace()
      const store = new MysqlStore(place)
      const context = {
        owner: { hostname: 'test', pid: 1, since: new Date() },
        setAside: () => undefined,
        notice: () => undefined,
      }
      const jobOf = (key: number, fields: Partial<StoredJob>): StoredJob => ({
        ...{ key, functionName: 'f', unique: '', reducer: '', priority: 1, retries: 0 },
        ...{ data: Buffer.from(`${key}`), runAtEpochSeconds: 0, acceptedAtMs: 1, ...fields },
      })
      const added = [
        jobOf(1, { unique: 'u', data: Buffer.from('da\0ta') }),
        jobOf(2, { unique: 'U', priority: 0 }),
        jobOf(3, {}),
        jobOf(4, { unique: '-', data: Buffer.alloc(0), priority: 2 }),
        jobOf(5, { unique: '\xff' }),
        jobOf(6, { functionName: 'f'.repeat(256) }),
        jobOf(7, { runAtEpochSeconds: 2 ** 31 }),
        jobOf(8, { unique: 'u' }),
        jobOf(9, { reducer: 'sum' }),
      ]
      await store.open(context)
      await store.commit({ added, updated: [], removed: [], highestKey: 9 })
      const { place: where, moved, kept } = await store.exportToGearmand()
      expect({ where, moved }).toEqual({ where: 'table gearman_queue', moved: 4 })
      expect(kept.map(({ jobs, reason }) => `${jobs} ${reason}`)).toEqual([
        '1 have names that are no UTF-8',
        '1 have a task name too long for the table',
        '1 have a time to run after 2038',
        '1 have the task and unique id of another one',
        '1 have a reducer, which gearmand does not keep',
      ])
      await store.close()

      const gearmand = await startGearmand({ args: gearmandArguments(place.database) })
      const worker = await RawPeer.connect(gearmand.port)
      worker.send('CAN_DO', 'f')
      const ran: string[] = []
      for (let index = 0; index < 4; index += 1) {
        worker.send('GRAB_JOB_UNIQ')
        const [handle = '', , unique = '', data = ''] = await worker.expect('JOB_ASSIGN_UNIQ')
        ran.push(`${unique.replace(/^[0-9a-f]{32}$/, 'made up')}: ${data}`)
        worker.send('WORK_COMPLETE', handle, '')
      }
      expect(ran[0]).toBe('U: 2')
      expect(ran.slice(1, 3).sort()).toEqual(['made up: 3', 'u: da\0ta'])
      expect(ran[3]).toBe('made up: ')
      worker.send('GRAB_JOB')
      await worker.expect('NO_JOB')
      worker.destroy()
      await gearmand.stop()
      expect((await replayed(place)).jobs.map(({ key }) => key)).toEqual([5, 6, 7, 8, 9])
    })
  })

  describe('a database that cannot be used', () => {
    async function refusal(place: MysqlStoreOptions): Promise<Error> {
      return await rejectionOf(useServer(place).listen())
    }

    test.each([
      ['a wrong password', { password: 'wrong' }, /Access denied for user/],
      ['no such database', { database: 'none' }, /Unknown database 'none'/],
      ['nobody listens', { port: 1 }, /ECONNREFUSED/],
      ['nobody listens on several addresses', { host: 'localhost', port: 1 }, /ECONNREFUSED/],
      ['no such socket', { socketPath: '/none/such' }, /ENOENT/],
      ['no such host', { host: 'none.invalid' }, /none\.invalid/],
    ])('%s is one line, and the cause', async (_what, wrong, reason) => {
      const place = { ...(await newPlace()), ...wrong }
      const error = await refusal(place)
      const { name } = new MysqlStore(place)
      expect(error).toMatchObject({ code: GearmanErrorCode.Store, store: name })
      expect(error.message.startsWith(`${name} cannot be used: `)).toBe(true)
      expect(error.message).toMatch(reason)
      expect(error.message).not.toMatch(/\n|wrong$|all for tests/)
      expect(error.cause).toBeInstanceOf(Error)
    })

    test('a database that does not answer is given up', async () => {
      const place = await newPlace()
      mariadb.signal('SIGSTOP')
      try {
        const error = await refusal({ ...place, timeout: 100 })
        expect(error.message).toMatch(/has not answered for 100 ms|ETIMEDOUT/)
      } finally {
        mariadb.signal('SIGCONT')
      }
    })

    test('a second server is told who the first is', async () => {
      const place = await newPlace()
      await useServer(place).listen()
      const { message } = await refusal(place)
      expect(message).toContain(
        `its queue "default" is in use by ${hostname()}, process ${process.pid}, since `,
      )
    })
  })

  test('the lock of a process that is gone is waited for longer: MariaDB may not have seen its end', async () => {
    const place = await newPlace()
    const first = useServer(place)
    await first.listen()
    const [dead] = spawnSync(process.execPath, ['-p', 'process.pid']).stdout.toString().split('\n')
    const owner = `${hostname()}, process ${dead}, since 2026-01-01T00:00:00.000Z`
    await mariadb.run(place.database, `UPDATE gearman_sdk_queues SET owner = '${owner}'`)
    const second = useServer(place)
    const listening = second.listen()
    // It waits a second time when the wait that MariaDB tells of is a shorter one than before.
    let longestMs = 0
    await until(async () => {
      const [wait] = await mariadb.run(
        place.database,
        `SELECT time_ms FROM information_schema.processlist WHERE db = DATABASE() AND state = 'User lock'`,
      )
      const waitMs = Number(wait?.['time_ms'] ?? longestMs)
      longestMs = Math.max(longestMs, waitMs)
      return waitMs < longestMs
    })
    await first.close()
    await listening
  })

  test('a database that may lose what it confirmed says so when the server starts', async () => {
    const place = await newPlace()
    await mariadb.run(place.database, 'SET GLOBAL innodb_flush_log_at_trx_commit = 2')
    try {
      const { told } = await replayed(place)
      expect(told).toEqual([
        'innodb_flush_log_at_trx_commit is 2, not 1: jobs of the last second may be lost with the machine',
      ])
    } finally {
      await mariadb.run(place.database, 'SET GLOBAL innodb_flush_log_at_trx_commit = 1')
    }
    expect((await replayed(place)).told).toEqual([])
  })

  test('a job that is too large for the database is refused alone', async () => {
    const place = await newPlace()
    await mariadb.run(place.database, 'SET GLOBAL max_allowed_packet = 1048576')
    try {
      const server = useServer(place)
      const { port } = await server.listen()
      const client = useClient([['127.0.0.1', port]])
      const submit = (data: Buffer): Promise<unknown> =>
        client.submitJob('task', data, { background: true, unique: '' })
      const [small, large, fits] = await Promise.allSettled([
        submit(Buffer.from('small')),
        submit(Buffer.alloc(1024 * 1024)),
        submit(Buffer.alloc(900 * 1024)),
      ])
      expect([small?.status, fits?.status]).toEqual(['fulfilled', 'fulfilled'])
      expect((large as PromiseRejectedResult).reason).toMatchObject({
        serverCode: 'QUEUE_ERROR',
      } satisfies Partial<ServerError>)
      await server.close()
    } finally {
      await mariadb.run(place.database, `SET GLOBAL max_allowed_packet = ${PACKET}`)
    }
    const { jobs } = await replayed(place)
    expect(jobs.map(({ data }) => data.length)).toEqual([5, 900 * 1024])
  })

  test('what is kept of a job may be twice as large as a packet', async () => {
    const place = await newPlace()
    const data = Buffer.alloc(900 * 1024, 1)
    const output = Buffer.alloc(900 * 1024, 2)
    await mariadb.run(place.database, 'SET GLOBAL max_allowed_packet = 1048576')
    try {
      const store = new MysqlStore(place)
      await store.open({
        owner: { hostname: 'test', pid: 1, since: new Date() },
        setAside: () => undefined,
        notice: () => undefined,
      })
      const job = { key: 1, functionName: 'f', unique: '', reducer: '', priority: 1, data } as const
      const outcome: StoredOutcome = {
        job: { ...job, runAtEpochSeconds: 0, acceptedAtMs: 1, retries: 0 },
        ...{ kind: 'exception', canRequeue: true, endedAtMs: 2, output },
      }
      const none = { added: [], updated: [], removed: [], highestKey: undefined }
      await store.commit({ ...none, outcomes: [outcome] })
      const found: boolean[] = []
      for await (const batch of store.replayOutcomes()) {
        for (const kept of batch) found.push(kept.job.data.equals(data), kept.output.equals(output))
      }
      expect(found).toEqual([true, true])
      await store.close()
    } finally {
      await mariadb.run(place.database, `SET GLOBAL max_allowed_packet = ${PACKET}`)
    }
  })

  test('a connection that is killed is dialled again, and nobody notices', async () => {
    const place = await newPlace()
    const server = useServer(place)
    const { port } = await server.listen()
    const client = useClient([['127.0.0.1', port]])
    const failures: unknown[] = []
    server.on('storeFailed', (event) => void failures.push(event))
    for (let round = 1; round <= 3; round += 1) {
      expect(await mariadb.killConnections(place.database)).toBeGreaterThan(0)
      await client.submitJob('task', `${round}`, { background: true, unique: '' })
    }
    await server.close()
    expect(failures).toEqual([])
    expect((await replayed(place)).jobs.map(({ data }) => String(data))).toEqual(['1', '2', '3'])
  })

  test('a queue that another server took while the connection was lost is left to it', async () => {
    const place = await newPlace()
    const server = useServer(place)
    const { port } = await server.listen()
    const client = useClient([['127.0.0.1', port]])
    // What another server leaves, without a race for the lock.
    await mariadb.run(
      place.database,
      `UPDATE gearman_sdk_queues SET owner = 'another server', owner_token = 'other'`,
    )
    const failed = new Promise<Error>((resolve) => {
      server.on('storeFailed', ({ error }) => resolve(error))
    })
    await mariadb.killConnections(place.database)
    await expect(client.submitJob('task', '', { background: true })).rejects.toMatchObject({
      serverCode: 'QUEUE_ERROR',
    })
    expect((await failed).message).toContain('was taken by another server while the connection')
    await server.close()
    const [queue] = await mariadb.run(place.database, 'SELECT owner FROM gearman_sdk_queues')
    expect(queue).toEqual({ owner: 'another server' })
  })
})

describeWithMariadb('a MariaDB that is killed and started again under the server', () => {
  test('loses no accepted job, and jobs that came meanwhile wait for it', {
    timeout: 2 * START_TIMEOUT_MS,
  }, async () => {
    const mariadb = await startMariadb()
    onTestFinished(() => mariadb.remove())
    const { host, port, user, password } = mariadb
    const place = { host, port, user, password, database: await mariadb.createDatabase() }
    const server = new GearmanServer({
      port: 0,
      store: new MysqlStore({ ...place, timeout: 60_000 }),
    })
    onTestFinished(() => server.close())
    const address = await server.listen()
    const client = useClient([['127.0.0.1', address.port]])
    const accepted = new Set<string>()
    let isOver = false
    const submitters = Array.from({ length: 20 }, async (_, submitter) => {
      for (let index = 0; !isOver; index += 1) {
        const data = `${submitter}-${index}`
        await client.submitJob('task', data, { background: true, unique: '' })
        accepted.add(data)
      }
    })
    for (let kills = 0; kills < 3; kills += 1) {
      const before = accepted.size
      await until(() => accepted.size > before + 100)
      await mariadb.stop('SIGKILL')
      // Foreground jobs of another connection do not notice.
      const worker = await useWorker(address, { echo: ({ data }) => data })
      const other = useClient([['127.0.0.1', address.port]])
      const { result } = await other.submitJob('echo', 'now')
      expect(String(result)).toBe('now')
      await worker.close()
      await mariadb.start()
    }
    const before = accepted.size
    await until(() => accepted.size > before)
    isOver = true
    await Promise.all(submitters)
    await server.close()

    const again = new GearmanServer({ port: 0, store: new MysqlStore(place) })
    onTestFinished(() => again.close())
    const { port: newPort } = await again.listen()
    const ran = new Set<string>()
    await useWorker(
      { port: newPort },
      {
        task: ({ data }) => {
          ran.add(String(data))
          return ''
        },
      },
    )
    await until(() => ran.size >= accepted.size)
    expect([...accepted].filter((data) => !ran.has(data))).toEqual([])
  })
})
