import { expect, onTestFinished, test, vi } from 'vitest'
import {
  clientConfig,
  connectionText,
  type PostgresConnectionOptions,
  resolveConnection,
} from '../../../../src/server/postgres/client-config.ts'

const PG_VARIABLES = ['PGHOST', 'PGPORT', 'PGDATABASE', 'PGSSLMODE']

function configOf(options: PostgresConnectionOptions): ReturnType<typeof clientConfig> {
  for (const name of PG_VARIABLES) vi.stubEnv(name, undefined)
  onTestFinished(() => void vi.unstubAllEnvs())
  return clientConfig(resolveConnection(options))
}

test('single options win over the connection string', async () => {
  const connectionString = 'postgres://a:b@c:1/d'
  expect(await configOf({ connectionString })).toMatchObject({
    user: 'a',
    password: 'b',
    host: 'c',
    port: 1,
    database: 'd',
  })
  const options = { connectionString, user: 'A', password: 'B', host: 'C', port: 2, database: 'D' }
  expect(await configOf(options)).toMatchObject({
    user: 'A',
    password: 'B',
    host: 'C',
    port: 2,
    database: 'D',
  })
})

test('what is left out comes from the variables of libpq', () => {
  vi.stubEnv('PGHOST', 'db')
  vi.stubEnv('PGPORT', '5433')
  vi.stubEnv('PGDATABASE', 'jobs')
  onTestFinished(() => void vi.unstubAllEnvs())
  expect(connectionText(resolveConnection({}))).toBe('db:5433/jobs')
  expect(connectionText(resolveConnection({ host: '::1', port: 1 }))).toBe('[::1]:1/jobs')
})

test.each([
  ['disable', false],
  ['prefer', false],
  ['require', { rejectUnauthorized: false }],
  ['verify-ca', { rejectUnauthorized: true, checkServerIdentity: expect.any(Function) }],
  ['verify-full', { rejectUnauthorized: true }],
])('sslmode=%s means what it means in libpq', async (mode, ssl) => {
  const { ssl: found } = await configOf({ connectionString: `host=db sslmode=${mode}` })
  expect(found).toEqual(ssl)
})

test('a certificate authority makes sslmode=require check the certificate, as in libpq', async () => {
  const file = new URL(import.meta.url).pathname
  const { ssl } = await configOf({
    connectionString: `host=db sslmode=require sslrootcert=${file}`,
  })
  expect(ssl).toMatchObject({ rejectUnauthorized: true, ca: expect.any(Buffer) })
})
