/**
 * The package as a user gets it: built, packed, unpacked into another folder, and used from there
 * by `import`, by `require` and by the TypeScript compiler. Publint and are-the-types-wrong stay
 * green where this fails, for instance when CommonJS output loads an ESM-only dependency wrongly.
 */

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { chmod, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'

const run = promisify(execFile)
const projectFolder = fileURLToPath(new URL('../../', import.meta.url))
const projectModules = join(projectFolder, 'node_modules')
const manifest = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8')) as {
  version: string
  dependencies: Record<string, string>
  bin: Record<string, string>
}
const PACKED_FILES = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'docs', 'src']
const BUILD_FILES = ['tsconfig.json', 'tsdown.config.ts']
/** A busy machine is slow, not broken: the compiler needs seconds where nothing else runs. */
const PROGRAM_TIMEOUT_MS = 240_000
vi.setConfig({ testTimeout: 2 * PROGRAM_TIMEOUT_MS, hookTimeout: 600_000 })

// The two module systems differ in these lines only.
const ESM_IMPORTS = `
  import { createRequire } from 'node:module'
  import { GearmanClient, GearmanError, GearmanWorker, InvalidArgumentError } from 'gearman-sdk'
  import { GearmanServer } from 'gearman-sdk/server'
  const manifest = createRequire(import.meta.url)('gearman-sdk/package.json')
`
const CJS_IMPORTS = `
  const { GearmanClient, GearmanError, GearmanWorker, InvalidArgumentError } = require('gearman-sdk')
  const { GearmanServer } = require('gearman-sdk/server')
  const manifest = require('gearman-sdk/package.json')
`

const IDENTITY_PROGRAM = `
  let error
  try {
    new GearmanServer({ port: -1 })
  } catch (caught) {
    error = caught
  }
  console.log(JSON.stringify({
    sameClass: error instanceof InvalidArgumentError,
    isGearmanError: GearmanError.is(error),
    version: manifest.version,
  }))
`

// The second half makes the worker redial, which is where p-retry comes in.
const ROUND_TRIP_PROGRAM = `
  async function main() {
    const server = new GearmanServer({ port: 0 })
    const { host, port } = await server.listen()
    const worker = new GearmanWorker([[host, port]])
    worker.registerTask('reverse', (_worker, job) => Buffer.from(job.data).reverse())
    const working = worker.work()
    const client = new GearmanClient([[host, port]])
    const first = await client.do('reverse', 'hello')
    await server.close()

    const next = new GearmanServer({ host, port })
    await next.listen()
    const second = await client.do('reverse', 'again', { pollTimeout: 30_000, maxRetries: 1 })
    await worker.stop()
    await working
    await client.shutdown()
    await next.close()
    console.log(JSON.stringify({ first: String(first), second: String(second) }))
  }
  main() // ends by itself: nothing that was closed keeps the process alive
`

const TYPESCRIPT_CONSUMER = `
  import { GearmanClient, GearmanError, type GearmanJobRequest, GearmanWorker, JSONDataEncoder, PRIORITY_HIGH } from 'gearman-sdk'
  import { GearmanServer } from 'gearman-sdk/server'

  export async function main(): Promise<Buffer> {
    const server = new GearmanServer({ port: 0 })
    const { host, port }: { host: string; port: number } = await server.listen()
    const worker = new GearmanWorker([[host, port]])
    const name: string = worker.registerTask('reverse', (_worker, job) => Buffer.from(job.data).reverse())
    const client = new GearmanClient([{ host, port }])
    const request: GearmanJobRequest = await client.submitJob(name, 'hello', { priority: PRIORITY_HIGH })
    // @ts-expect-error a task is named by a string: the types are there, not any
    await client.submitJob(42, 'hello')
    const json = new JSONDataEncoder()
    if (!GearmanError.is(request.error)) console.log(request.state, request.complete, json)
    await server.close()
    return await client.do('reverse', 'hello')
  }
`

let workFolder: string
let consumerFolder: string
let packedFiles: readonly string[]

beforeAll(async () => {
  workFolder = mkdtempSync(join(tmpdir(), 'gearman-sdk-packed-'))
  const tarball = await buildAndPack(join(workFolder, 'build'))
  consumerFolder = join(workFolder, 'consumer')
  packedFiles = await unpack(tarball, join(consumerFolder, 'node_modules', 'gearman-sdk'))
  for (const dependency of Object.keys(manifest.dependencies)) await link(dependency)
  for (const [name, file] of Object.entries(manifest.bin)) await linkBin(name, file)
  await writeFile(join(consumerFolder, 'package.json'), '{ "private": true }')
})

afterAll(async () => {
  await rm(workFolder, { recursive: true, force: true })
})

test('the tarball holds the build, the sources and the documents, and nothing else', () => {
  const allowed =
    /^(dist|src)\/|^(package\.json|README\.md|LICENSE|CHANGELOG\.md|docs\/interop\.md)$/
  expect(packedFiles.filter((file) => !allowed.test(file))).toEqual([])
  for (const entry of ['index', 'server', 'testing', 'msgpack']) {
    for (const extension of ['mjs', 'd.mts', 'cjs', 'd.cts']) {
      expect(packedFiles).toContain(`dist/${entry}.${extension}`)
    }
  }
  for (const file of Object.values(manifest.bin)) {
    expect(packedFiles).toContain(file.replace('./', ''))
  }
  expect(packedFiles).toContain('dist/sqlite-worker.mjs')
})

describe.each([
  ['import', 'program.mjs', ESM_IMPORTS],
  ['require', 'program.cjs', CJS_IMPORTS],
])('used by %s', (_how, file, imports) => {
  test('both entries load and share their classes', async () => {
    const output = await runProgram(file, `${imports}${IDENTITY_PROGRAM}`)
    expect(output).toEqual({ sameClass: true, isGearmanError: true, version: manifest.version })
  })

  test('a job goes from client to server to worker and back, also after a restart', async () => {
    const output = await runProgram(file, `${imports}${ROUND_TRIP_PROGRAM}`)
    expect(output).toEqual({ first: 'olleh', second: 'niaga' })
  })
})

describe.each([
  ['import', 'store.mjs', `import { GearmanServer, SqliteStore } from 'gearman-sdk/server'`],
  ['require', 'store.cjs', `const { GearmanServer, SqliteStore } = require('gearman-sdk/server')`],
])('a store whose driver is an optional package, used by %s', (how, file, imports) => {
  const program = `${imports}
    const server = new GearmanServer({ port: 0, store: new SqliteStore({ path: '${how}.db' }) })
    server.listen()
      .then(() => server.close())
      .then(() => console.log('"open"'), (error) => console.log(JSON.stringify(error.message)))`

  test('says which package is missing, and works when it is there', async () => {
    await rm(join(consumerFolder, 'node_modules', 'libsql'), { force: true })
    expect(await runProgram(file, program)).toBe(
      `sqlite ${how}.db cannot be used: it needs the package libsql (npm install libsql): it is not installed`,
    )
    await link('libsql')
    expect(await runProgram(file, program)).toBe('open')
  })
})

const DRIVERS = ['mysql2', 'pg', 'ioredis', 'mongodb']

/** Nobody listens on port 1: a store that finds its driver says so at once, or after its timeout. */
const DRIVERS_PROGRAM = `
  const stores = {
    mysql2: new MysqlStore({ url: 'mysql://user@127.0.0.1:1/jobs' }),
    pg: new PostgresStore({ connectionString: 'postgres://user@127.0.0.1:1/jobs' }),
    ioredis: new RedisStore({ url: 'redis://127.0.0.1:1/0' }),
    mongodb: new MongodbStore({ url: 'mongodb://127.0.0.1:1/jobs', timeout: 100 }),
  }
  const context = {
    owner: { hostname: 'test', pid: 1, since: new Date() }, setAside() {}, notice() {},
  }
  const refusals = Object.entries(stores).map(async ([driver, store]) => {
    return [driver, await store.open(context).then(() => 'open', (error) => error.message)]
  })
  Promise.all(refusals).then((entries) => console.log(JSON.stringify(Object.fromEntries(entries))))
`
const DRIVER_STORES = '{ MongodbStore, MysqlStore, PostgresStore, RedisStore }'

describe.each([
  ['import', 'drivers.mjs', `import ${DRIVER_STORES} from 'gearman-sdk/server'`],
  ['require', 'drivers.cjs', `const ${DRIVER_STORES} = require('gearman-sdk/server')`],
])('stores in databases, used by %s', (_how, file, imports) => {
  test('say which package is missing, and find it when it is there', async () => {
    for (const driver of DRIVERS) {
      await rm(join(consumerFolder, 'node_modules', driver), { force: true })
    }
    const missing = (await runProgram(file, imports + DRIVERS_PROGRAM)) as Record<string, string>
    for (const driver of DRIVERS) {
      expect(missing[driver]).toBe(
        `it needs the package ${driver} (npm install ${driver}): it is not installed`,
      )
    }
    for (const driver of DRIVERS) await link(driver)
    const found = (await runProgram(file, imports + DRIVERS_PROGRAM)) as Record<string, string>
    for (const driver of DRIVERS) expect(found[driver]).toMatch(/ECONNREFUSED|timed out/)
  })
})

test('an error of the CommonJS copy is recognised by the ESM copy', async () => {
  const output = await runProgram(
    'both.mjs',
    `import { createRequire } from 'node:module'
    import { GearmanError } from 'gearman-sdk'
    const other = createRequire(import.meta.url)('gearman-sdk')
    const error = new other.ProtocolError('from the other copy')
    console.log(JSON.stringify({
      isInstance: error instanceof GearmanError,
      isGearmanError: GearmanError.is(error),
      isAnything: GearmanError.is(new Error('no')),
    }))`,
  )
  expect(output).toEqual({ isInstance: false, isGearmanError: true, isAnything: false })
})

test.each(['consumer.mts', 'consumer.cts'])(
  'TypeScript accepts both entries in %s',
  async (file) => {
    await link('@types/node')
    await writeFile(join(consumerFolder, file), TYPESCRIPT_CONSUMER)
    const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
    const options = '--noEmit --strict --module nodenext --target es2022 --types node'.split(' ')
    await runNode([tsc, ...options, file])
  },
)

describe('the command', () => {
  test('is found by npx', async () => {
    const args = ['--no', '--', 'gearman-sdk', 'server', '--version']
    const { stdout } = await run('npx', args, { cwd: consumerFolder, timeout: PROGRAM_TIMEOUT_MS })
    expect(stdout).toContain(`gearman-sdk ${manifest.version} `)
  })

  test('runs a server, and ends with 0 when it is told to', async () => {
    const file = join(consumerFolder, 'node_modules', '.bin', 'gearman-sdk')
    const child = spawn(file, ['server', '-p', '0'], { stdio: ['ignore', 'ignore', 'pipe'] })
    const closed = once(child, 'close')
    onTestFinished(async () => {
      child.kill('SIGKILL')
      await closed
    })
    let stderr = ''
    let port: string | undefined
    while (port === undefined && child.exitCode === null) {
      stderr += String(await once(child.stderr, 'data'))
      port = /^gearman-sdk server: listening on 127\.0\.0\.1:(\d+), /m.exec(stderr)?.[1]
    }
    const output = await runProgram(
      'command.mjs',
      `import { GearmanAdminClient } from 'gearman-sdk'
      const admin = new GearmanAdminClient('127.0.0.1:${port}')
      console.log(JSON.stringify({ pid: await admin.getPid() }))
      await admin.shutdown()`,
    )
    expect(output).toEqual({ pid: child.pid })
    child.kill('SIGTERM')
    expect(await closed).toEqual([0, null])
  })
})

async function buildAndPack(folder: string): Promise<string> {
  mkdirSync(folder)
  for (const file of [...PACKED_FILES, ...BUILD_FILES]) {
    const from = join(projectFolder, file)
    if (existsSync(from)) cpSync(from, join(folder, file), { recursive: true })
  }
  await symlink(projectModules, join(folder, 'node_modules'), 'dir')
  await run('npm', ['run', 'build'], { cwd: folder })
  await run('npm', ['pack', '--ignore-scripts'], { cwd: folder })
  const tarball = readdirSync(folder).find((file) => file.endsWith('.tgz'))
  if (tarball === undefined) throw new Error('npm pack made no tarball')
  return join(folder, tarball)
}

/** Unpacks as npm does, and gives back what is in it. */
async function unpack(tarball: string, folder: string): Promise<readonly string[]> {
  mkdirSync(folder, { recursive: true })
  await run('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1'])
  const { stdout } = await run('tar', ['-tzf', tarball])
  return stdout
    .trimEnd()
    .split('\n')
    .map((file) => file.replace(/^package\//, ''))
}

/** Installs a dependency without the network: what is not linked here is not to be found there. */
async function link(dependency: string): Promise<void> {
  const target = join(consumerFolder, 'node_modules', dependency)
  if (existsSync(target)) return
  mkdirSync(dirname(target), { recursive: true })
  await symlink(join(projectModules, dependency), target, 'dir')
}

/** Makes a command as npm does when it installs a package. */
async function linkBin(name: string, file: string): Promise<void> {
  const folder = join(consumerFolder, 'node_modules', '.bin')
  const program = join(consumerFolder, 'node_modules', 'gearman-sdk', file)
  mkdirSync(folder, { recursive: true })
  await chmod(program, 0o755)
  await symlink(program, join(folder, name))
}

async function runProgram(file: string, source: string): Promise<unknown> {
  await writeFile(join(consumerFolder, file), source)
  return JSON.parse(await runNode([file]))
}

async function runNode(args: readonly string[]): Promise<string> {
  const { NODE_OPTIONS: _notForIt, ...env } = process.env
  try {
    const options = { cwd: consumerFolder, env, timeout: PROGRAM_TIMEOUT_MS }
    const { stdout } = await run(process.execPath, [...args], options)
    return stdout
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    throw new Error(`${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error })
  }
}
