import { readFileSync } from 'node:fs'
import { GearmanServer } from 'gearman-sdk/server'
import { describe, expect, it } from 'vitest'
import { OPTION_SECTIONS } from '../../../../src/cli/options/option-table.ts'
import type { ServerOption } from '../../../../src/cli/options/server-option.ts'
import { readInvocation } from '../../../../src/cli/read-invocation.ts'
import type { ServerSettings } from '../../../../src/cli/server-settings.ts'

const OPTIONS = OPTION_SECTIONS.flatMap(({ options }) => options)

/** Options that rule the command itself; their tests are those of the command. */
const COMMAND_OPTIONS = ['check-args', 'export-queue', 'help', 'version', 'config-file']

interface Sample {
  /** An argument; none for a flag. */
  readonly argument?: string
  readonly short?: string
  /** What it cannot be without. */
  readonly beside?: string
  /** Arguments that are refused. */
  readonly wrong?: readonly string[]
  /** Where the value arrives, and which value. */
  readonly arrives?: readonly [(settings: ServerSettings) => unknown, unknown]
  /** What the notice says, for an option that only yields one. */
  readonly notice?: RegExp
}

/** One line for each row of the table: a row without a line here, or the reverse, is a failure. */
const SAMPLES: Readonly<Record<string, Sample>> = {
  backlog: {
    short: 'b',
    argument: '32',
    wrong: ['0', '-5', 'abc', '99999', '1e3', ' 5', '0x10'],
    arrives: [(s) => s.server.backlog, 32],
  },
  daemon: { short: 'd', arrives: [(s) => s.isDaemon, true] },
  exceptions: { arrives: [(s) => s.server.exceptions, true] },
  'file-descriptors': {
    short: 'f',
    argument: '1024',
    wrong: ['-1', 'many'],
    notice: /LimitNOFILE/,
  },
  'job-retries': {
    short: 'j',
    argument: '3',
    wrong: ['-2', '2147483648'],
    arrives: [(s) => s.server.jobRetries, 3],
  },
  'job-handle-prefix': {
    argument: 'X:y',
    wrong: ['a b', 'é', 'x'.repeat(48)],
    arrives: [(s) => s.server.jobHandlePrefix, 'X:y'],
  },
  'hashtable-buckets': { argument: '991', wrong: ['0'], notice: /tables grow/ },
  keepalive: { arrives: [(s) => s.server.keepAlive, undefined] },
  'keepalive-idle': {
    argument: '60',
    wrong: ['-2', '32768'],
    arrives: [(s) => s.server.keepAlive, { idle: 60_000 }],
  },
  'keepalive-interval': { argument: '60', wrong: ['-2'], notice: /tcp_keepalive_intvl/ },
  'keepalive-count': { argument: '6', wrong: ['-2'], notice: /tcp_keepalive_probes/ },
  'log-file': {
    short: 'l',
    argument: '/var/log/g.log',
    arrives: [(s) => s.log.file, '/var/log/g.log'],
  },
  listen: {
    short: 'L',
    argument: '0.0.0.0',
    wrong: ['a b'],
    arrives: [(s) => s.server.host, '0.0.0.0'],
  },
  'pid-file': { short: 'P', argument: '/run/g.pid', arrives: [(s) => s.pidFile, '/run/g.pid'] },
  protocol: {
    short: 'r',
    argument: 'http',
    wrong: ['HTTP', 'gopher'],
    arrives: [(s) => s.server.http, { port: 8080, compat: true }],
  },
  'round-robin': { short: 'R', arrives: [(s) => s.server.roundRobin, true] },
  'queue-type': { short: 'q', argument: 'BuiltIn', wrong: ['oracle', 'nothing'] },
  syslog: { arrives: [(s) => s.log.isSyslog, true] },
  coredump: { notice: /ulimit -c/ },
  threads: { short: 't', argument: '4', wrong: ['-1'], notice: /one thread/ },
  user: { short: 'u', argument: 'gearman', arrives: [(s) => s.user, 'gearman'] },
  verbose: {
    argument: 'DEBUG',
    wrong: ['debug', 'v'],
    arrives: [(s) => [s.log.level, s.server.verbose], ['DEBUG', 'DEBUG']],
  },
  'worker-wakeup': {
    short: 'w',
    argument: '2',
    wrong: ['-1'],
    arrives: [(s) => s.server.workerWakeup, 2],
  },
  'http-port': {
    argument: '8081',
    wrong: ['99999', 'no-such-service'],
    notice: /without --protocol http/,
  },
  port: {
    short: 'p',
    argument: '4731',
    wrong: ['99999', '-5', '=1', 'no-such-service'],
    arrives: [(s) => s.server.port, 4731],
  },
  ssl: { arrives: [(s) => s.tls?.isClientVerified, false] },
  'ssl-ca-file': { argument: 'ca.pem', notice: /without --ssl/ },
  'ssl-certificate': { argument: 'cert.pem', notice: /without --ssl/ },
  'ssl-key': { argument: 'key.pem', notice: /without --ssl/ },
  'libsqlite3-db': { argument: '/var/lib/q.db', notice: /without --queue-type libsqlite3/ },
  'libsqlite3-table': { argument: 'queue', notice: /without --queue-type libsqlite3/ },
  'redis-server': { argument: 'cache', notice: /without --queue-type redis/ },
  'redis-port': { argument: '7000', notice: /without --queue-type redis/ },
  'redis-password': { argument: 'secret', notice: /without --queue-type redis/ },
  'redis-prefix': { argument: '_other_', notice: /without --queue-type redis/ },
  'redis-url': { argument: 'redis://cache', notice: /without --queue-type redis/ },
  'libmemcached-servers': { argument: 'a,b:7000', notice: /without --queue-type libmemcached/ },
  'libmemcached-prefix': { argument: 'other_', notice: /without --queue-type libmemcached/ },
  'libmemcached-queue': { argument: 'mail', notice: /without --queue-type libmemcached/ },
  'redis-queue': { argument: 'mail', notice: /without --queue-type redis/ },
  'libpq-conninfo': { argument: 'host=db', notice: /without --queue-type Postgres/ },
  'libpq-table': { argument: 'waiting', notice: /without --queue-type Postgres/ },
  'postgres-url': { argument: 'postgres://db', notice: /without --queue-type Postgres/ },
  'postgres-queue': { argument: 'mail', notice: /without --queue-type Postgres/ },
  'mysql-host': { argument: 'db', notice: /without --queue-type MySQL/ },
  'mysql-port': { argument: '3307', wrong: ['-1'], notice: /without --queue-type MySQL/ },
  'mysql-user': { argument: 'gearman', notice: /without --queue-type MySQL/ },
  'mysql-password': { argument: 'secret', notice: /without --queue-type MySQL/ },
  'mysql-db': { argument: 'gearman', notice: /without --queue-type MySQL/ },
  'mysql-table': { argument: 'queue', notice: /without --queue-type MySQL/ },
  'libdrizzle-host': { argument: 'db', notice: /without --queue-type libdrizzle/ },
  'libdrizzle-port': { argument: '3307', wrong: ['-1'], notice: /without --queue-type libdrizzle/ },
  'libdrizzle-uds': { argument: '/run/s', notice: /without --queue-type libdrizzle/ },
  'libdrizzle-user': { argument: 'gearman', notice: /without --queue-type libdrizzle/ },
  'libdrizzle-password': { argument: 'secret', notice: /without --queue-type libdrizzle/ },
  'libdrizzle-db': { argument: 'gearman', notice: /without --queue-type libdrizzle/ },
  'libdrizzle-table': { argument: 'queue', notice: /without --queue-type libdrizzle/ },
  'libdrizzle-mysql': { notice: /not needed/ },
  'mysql-queue': { argument: 'other', notice: /without --queue-type MySQL/ },
  'mongodb-url': { argument: 'mongodb://db/jobs', notice: /without --queue-type mongodb/ },
  'mongodb-queue': { argument: 'mail', notice: /without --queue-type mongodb/ },
  'libtokyocabinet-file': { argument: 'q.tch', notice: /without --queue-type libtokyocabinet/ },
  'libtokyocabinet-optimize': { notice: /not needed/ },
  'store-queue-on-shutdown': { notice: /not needed/ },
  compat: { argument: '2.0', wrong: ['3'], arrives: [(s) => s.server.compat, '2.0'] },
  'admin-from': {
    argument: '10.0.0.0/8, ::1/64',
    wrong: ['10.0.0.0/33', 'example.org', '1.2.3.4,', '::/129', '10.0.0.0/8/8'],
    arrives: [(s) => s.server.adminFrom, ['10.0.0.0/8', '::1/64']],
  },
  'ssl-verify-client': {
    beside: '--ssl',
    arrives: [(s) => s.tls?.isClientVerified, true],
  },
  'http-compat': { argument: 'off', wrong: ['no'], notice: /without --protocol http/ },
  'data-dir': {
    argument: '/var/lib/gearman',
    arrives: [
      (s) => [s.dataFolder, s.server.store?.name],
      ['/var/lib/gearman', 'sqlite /var/lib/gearman/gearman.db'],
    ],
  },
  'max-uncommitted-jobs': {
    argument: '10',
    wrong: ['0'],
    arrives: [(s) => s.server.maxUncommittedJobs, 10],
  },
  'max-uncommitted-bytes': {
    argument: '1000',
    wrong: ['0'],
    arrives: [(s) => s.server.maxUncommittedBytes, 1000],
  },
  'keep-failed': {
    argument: '100',
    wrong: ['-1', 'all'],
    arrives: [(s) => s.server.keepFailed, { maxJobs: 100 }],
  },
  'keep-results': {
    argument: '60',
    wrong: ['-1', 'long'],
    arrives: [(s) => s.server.keepResults, { ttl: 60_000 }],
  },
  'max-packet-bytes': {
    argument: '4096',
    wrong: ['1', '4294967296'],
    arrives: [(s) => s.server.maxPacketBytes, 4096],
  },
  'max-line-bytes': { argument: '100', wrong: ['1'], arrives: [(s) => s.server.maxLineBytes, 100] },
  'max-argument-bytes': {
    argument: '1000',
    wrong: ['1'],
    arrives: [(s) => s.server.maxArgumentBytes, 1000],
  },
  'max-buffered-bytes': {
    argument: '2000000',
    wrong: ['1'],
    arrives: [(s) => s.server.maxBufferedBytes, 2_000_000],
  },
  'max-connections': {
    argument: '100',
    wrong: ['-1'],
    arrives: [(s) => s.server.maxConnections, 100],
  },
  'handshake-timeout': {
    argument: '5000',
    wrong: ['-1', '5s'],
    arrives: [(s) => s.server.handshakeTimeout, 5000],
  },
  'stall-timeout': {
    argument: '0',
    wrong: ['-1'],
    arrives: [(s) => s.server.stallTimeout, Number.POSITIVE_INFINITY],
  },
  'idle-timeout': {
    argument: '60000',
    wrong: ['1.5'],
    arrives: [(s) => s.server.idleTimeout, 60_000],
  },
  'drain-timeout': {
    argument: '0',
    wrong: ['-1'],
    arrives: [(s) => s.server.drainTimeout, Number.POSITIVE_INFINITY],
  },
  'max-unsent-bytes': {
    argument: '2000000',
    wrong: ['1'],
    arrives: [(s) => s.server.maxUnsentBytes, 2_000_000],
  },
}

function read(...words: string[]): ServerSettings {
  const invocation = readInvocation(words, {})
  if (invocation.action !== 'run') throw new Error(`it is ${invocation.action}`)
  return invocation.settings
}

it('every option of the table is tested here', () => {
  const names = OPTIONS.map(({ name }) => name).filter((name) => !COMMAND_OPTIONS.includes(name))
  expect(Object.keys(SAMPLES).sort()).toEqual(names.sort())
})

it('every option is in the README', () => {
  const readme = readFileSync(new URL('../../../../README.md', import.meta.url), 'utf8')
  const [, section = ''] = /\n## The command `gearman-sdk server`\n(.*?)\n## /s.exec(readme) ?? []
  const missing = OPTIONS.filter(({ name }) => !section.includes(`--${name}\``))
  expect(missing.map(({ name }) => name)).toEqual([])
})

it('no name is there twice', () => {
  const names = OPTIONS.flatMap(({ name, short }) => (short === undefined ? [name] : [name, short]))
  expect(new Set(names).size).toBe(names.length)
})

describe.each(Object.entries(SAMPLES))('--%s', (name, sample) => {
  const { argument, short, beside, wrong = [], arrives, notice } = sample
  const option = OPTIONS.find((candidate) => candidate.name === name) as ServerOption
  const forms = [
    ...(argument === undefined
      ? [[`--${name}`]]
      : [[`--${name}=${argument}`], [`--${name}`, argument]]),
    ...(short !== undefined && argument === undefined ? [[`-${short}`]] : []),
    ...(short !== undefined && argument !== undefined
      ? [[`-${short}${argument}`], [`-${short}`, argument]]
      : []),
  ]

  it('has the short name that gearmand gives it', () => {
    expect(option.short).toBe(short)
  })

  it.each(forms.map((form) => [form]))('is taken as %j', (form) => {
    const settings = read(...form, ...(beside === undefined ? [] : [beside]))
    if (arrives !== undefined) expect(arrives[0](settings)).toEqual(arrives[1])
    const said = settings.notices.filter((line) => line.startsWith('--'))
    expect(said).toEqual(notice === undefined ? [] : [expect.stringMatching(notice)])
    new GearmanServer(settings.server) // what the table lets through, the server accepts
  })

  it(option.isRepeatable ? 'adds up' : 'is refused when given twice', () => {
    const form = forms[0] ?? []
    if (option.isRepeatable) read(...form, ...form)
    else expect(() => read(...form, ...form)).toThrow(`--${name} cannot be given more than once`)
  })

  if (argument === undefined) {
    it('takes no value', () => {
      expect(() => read(`--${name}=1`)).toThrow(`--${name} takes no value, but got "1"`)
    })
  } else {
    it('needs a value', () => {
      const message = `--${name} needs a value: ${option.expects}`
      expect(() => read(`--${name}`)).toThrow(message)
      expect(() => read(`--${name}`, '--daemon')).toThrow(message)
    })

    it.each(['', ...wrong])('names what is allowed instead of %j', (value) => {
      const message = `--${name} must be ${option.expects}, not ${JSON.stringify(value)}`
      expect(() => read(`--${name}`, value)).toThrow(message)
    })
  }
})
