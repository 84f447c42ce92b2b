import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { describe, expect, test } from 'vitest'
import { InvalidArgumentError } from '../../../src/errors.ts'
import { AdminAccess } from '../../../src/server/admin-access.ts'
import { GearmanServer } from '../../../src/server/gearman-server.ts'
import { resolveServerOptions } from '../../../src/server/resolved-server-options.ts'
import type { ServerOptions } from '../../../src/server/server-options.ts'
import { SDK_VERSION, SERVER_VERSION } from '../../../src/server/version.ts'

describe('server options', () => {
  test('have defaults, also for those that are given as undefined', () => {
    expect(resolveServerOptions({ port: undefined, host: undefined })).toEqual({
      host: '127.0.0.1',
      port: 4730,
      backlog: 511,
      tls: undefined,
      http: undefined,
      roundRobin: false,
      compat: '1.1.20',
      adminAccess: expect.any(AdminAccess),
      verbose: 'ERROR',
      workerWakeup: 0,
      jobRetries: 0,
      exceptions: false,
      jobHandlePrefix: `H:${hostname()}`,
      maxPacketBytes: 268_435_456,
      maxLineBytes: 8192,
      maxArgumentBytes: 8192,
      maxUnsentBytes: 536_870_912,
      maxBufferedBytes: 2_147_483_648,
      maxConnections: Number.POSITIVE_INFINITY,
      handshakeTimeoutMs: 10_000,
      stallTimeoutMs: 60_000,
      idleTimeoutMs: Number.POSITIVE_INFINITY,
      drainTimeoutMs: 10_000,
      keepAlive: true,
      keepAliveIdleMs: 0,
      maxUncommittedJobs: 100_000,
      maxUncommittedBytes: 268_435_456,
      store: undefined,
      keepFailed: undefined,
      keepResults: undefined,
    })
  })

  test.each([
    ['host', ''],
    ['host', 'two words'],
    ['host', 42],
    ['port', -1],
    ['port', 65_536],
    ['port', '4730'],
    ['port', 1.5],
    ['backlog', 0],
    ['tls', 'yes'],
    ['tls', {}],
    ['tls', { cert: 'no certificate', key: 'no key' }],
    ['roundRobin', 'yes'],
    ['compat', '1.1.21'],
    ['compat', 2],
    ['adminFrom', ''],
    ['adminFrom', 'localhost'],
    ['adminFrom', '10.0.0.0/33'],
    ['adminFrom', '10.0.0.0/8/8'],
    ['adminFrom', '10.0.0.0/'],
    ['adminFrom', '10.0.0.1,'],
    ['adminFrom', ['2001:db8::/129']],
    ['adminFrom', [10]],
    ['verbose', 'error'],
    ['workerWakeup', -1],
    ['jobRetries', Number.NaN],
    ['exceptions', 1],
    ['jobHandlePrefix', ''],
    ['jobHandlePrefix', 'with space'],
    ['jobHandlePrefix', 'p'.repeat(48)],
    ['jobHandlePrefix', 'ü'],
    ['maxPacketBytes', 0],
    ['maxPacketBytes', 2 ** 32],
    ['maxLineBytes', 10],
    ['maxArgumentBytes', 100],
    ['maxUnsentBytes', 1000],
    ['maxBufferedBytes', 1000],
    ['maxConnections', 0],
    ['maxConnections', 1.5],
    ['handshakeTimeout', 0],
    ['handshakeTimeout', 'soon'],
    ['stallTimeout', -1],
    ['stallTimeout', 0],
    ['idleTimeout', Number.NaN],
    ['drainTimeout', -1],
    ['keepAlive', 'yes'],
    ['keepAlive', null],
    ['keepFailed', 1],
    ['keepFailed', null],
    ['keepResults', true],
    ['keepResults', null],
  ])('%s may not be %j: the error names the option', (name, value) => {
    const options = { [name]: value } as ServerOptions
    const failure = (): GearmanServer => new GearmanServer(options)
    expect(failure).toThrow(InvalidArgumentError)
    expect(failure).toThrow(expect.objectContaining({ argument: name }))
  })

  test('keepAlive may say when it begins', () => {
    expect(resolveServerOptions({ keepAlive: false })).toMatchObject({ keepAlive: false })
    expect(resolveServerOptions({ keepAlive: {} })).toMatchObject({ keepAliveIdleMs: 0 })
    expect(resolveServerOptions({ keepAlive: { idle: 30_000 } })).toMatchObject({
      keepAlive: true,
      keepAliveIdleMs: 30_000,
    })
    expect(() => resolveServerOptions({ keepAlive: { idle: 10 } })).toThrow(
      expect.objectContaining({ argument: 'keepAlive.idle' }),
    )
  })

  test('keepFailed may say how many and how long', () => {
    const limits = { maxJobs: 10_000, maxBytes: 67_108_864, maxAgeMs: Number.POSITIVE_INFINITY }
    expect(resolveServerOptions({ keepFailed: false }).keepFailed).toBeUndefined()
    expect(resolveServerOptions({ keepFailed: true }).keepFailed).toEqual(limits)
    expect(resolveServerOptions({ keepFailed: { maxJobs: 5, maxAge: 1000 } }).keepFailed).toEqual({
      ...limits,
      maxJobs: 5,
      maxAgeMs: 1000,
    })
    for (const name of ['maxJobs', 'maxBytes', 'maxAge']) {
      expect(() => resolveServerOptions({ keepFailed: { [name]: 0 } })).toThrow(
        expect.objectContaining({ argument: `keepFailed.${name}` }),
      )
    }
  })

  test('keepResults must say how long', () => {
    expect(resolveServerOptions({ keepResults: { ttl: 1000 } }).keepResults).toEqual({
      maxJobs: Number.POSITIVE_INFINITY,
      maxBytes: 67_108_864,
      maxAgeMs: 1000,
    })
    for (const keepResults of [{ ttl: 0 }, {}, { ttl: 'long' }]) {
      expect(() => resolveServerOptions({ keepResults } as ServerOptions)).toThrow(
        expect.objectContaining({ argument: 'keepResults.ttl' }),
      )
    }
    expect(() => resolveServerOptions({ keepResults: { ttl: 1, maxBytes: 0 } })).toThrow(
      expect.objectContaining({ argument: 'keepResults.maxBytes' }),
    )
  })

  test('must be an object', () => {
    expect(() => resolveServerOptions(4730 as ServerOptions)).toThrow(InvalidArgumentError)
  })

  test('the longest prefix leaves room for the number in a handle of 63 bytes', () => {
    expect(resolveServerOptions({ jobHandlePrefix: 'p'.repeat(47) }).jobHandlePrefix).toHaveLength(
      47,
    )
  })
})

test('every option is in the table of the README', () => {
  const read = (path: string): string =>
    readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
  const [, members = ''] =
    /\nexport interface ServerOptions \{\n(.*?)\n\}/s.exec(read('src/server/server-options.ts')) ??
    []
  const [, section = ''] = /\n## The bundled server\n(.*?)\n### /s.exec(read('README.md')) ?? []
  const names = [...members.matchAll(/^ {2}readonly (\w+)\?:/gm)].map(([, name = '']) => name)
  expect(names).toContain('host')
  expect(names.filter((name) => !section.includes(`\`${name}\``))).toEqual([])
})

test('the version is the one of the package', () => {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')
  const { version } = JSON.parse(text) as { version: string }
  expect(SDK_VERSION).toBe(version)
  expect(SERVER_VERSION).toBe(`1.1.20 gearman-sdk/${version}`)
})
