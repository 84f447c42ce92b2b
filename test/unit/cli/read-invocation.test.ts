import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Environment } from '../../../src/cli/options/environment.ts'
import { readInvocation } from '../../../src/cli/read-invocation.ts'
import type { ServerSettings } from '../../../src/cli/server-settings.ts'

const LOOPBACK =
  'only this machine can connect, on 127.0.0.1; --listen 0.0.0.0 opens the port to others'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gearman-sdk-config-'))
})

afterAll(() => {
  rmSync(folder, { recursive: true })
})

function settings(words: readonly string[], environment: Environment = {}): ServerSettings {
  const invocation = readInvocation(words, environment)
  if (invocation.action !== 'run') throw new Error(`it is ${invocation.action}`)
  return invocation.settings
}

function config(text: string): string {
  const file = join(folder, 'server.conf')
  writeFileSync(file, text)
  return `--config-file=${file}`
}

describe('without any option', () => {
  it('the server is on loopback, logs errors to stderr, and writes no file', () => {
    expect(settings([])).toEqual({
      server: {},
      tls: undefined,
      log: { level: 'ERROR', file: 'stderr', isSyslog: false },
      isDaemon: false,
      pidFile: undefined,
      user: undefined,
      notices: [LOOPBACK],
    })
  })
})

it('that only this machine can connect is not said when an address is named', () => {
  expect(settings(['-L', '127.0.0.1']).notices).toEqual([])
})

describe('the environment', () => {
  it('names the port and the TLS files', () => {
    const environment = {
      GEARMAND_PORT: '4731',
      GEARMAND_CA_CERTIFICATE: 'ca',
      GEARMAND_SERVER_PEM: 'cert',
      GEARMAND_SERVER_KEY: 'key',
    }
    const { server, tls } = settings(['--ssl'], environment)
    expect(server.port).toBe(4731)
    expect(tls).toEqual({
      caFile: 'ca',
      certificateFile: 'cert',
      keyFile: 'key',
      isClientVerified: false,
    })
    expect(settings([], environment).notices).toEqual([LOOPBACK]) // no word about files nobody asked for
  })

  it('says nothing when it is empty, and is refused by name when it is wrong', () => {
    expect(settings([], { GEARMAND_PORT: '' }).server.port).toBeUndefined()
    expect(() => settings([], { GEARMAND_PORT: 'x' })).toThrow(
      'GEARMAND_PORT must be a port from 0',
    )
  })

  it('is not looked at where the command line has an option', () => {
    const environment = { GEARMAND_PORT: 'tcp://10.0.0.1:4730' }
    expect(settings(['-p4730'], environment).server.port).toBe(4730)
    expect(() => settings([], environment)).toThrow('GEARMAND_PORT')
  })

  it('loses to the command line and wins over the config file', () => {
    const environment = { GEARMAND_PORT: '2' }
    expect(settings([config('port=3'), '-p1'], environment).server.port).toBe(1)
    expect(settings([config('port=3')], environment).server.port).toBe(2)
    expect(settings([config('port=3')]).server.port).toBe(3)
  })
})

describe('the config file', () => {
  it('adds to the command line, which wins', () => {
    const { server, isDaemon } = settings([config('port=3\nbacklog=7\n--daemon'), '--port=1'])
    expect({ server, isDaemon }).toEqual({ server: { port: 1, backlog: 7 }, isDaemon: true })
  })

  it('is refused with its name when something is wrong in it', () => {
    const file = join(folder, 'server.conf')
    expect(() => settings([config('backlog=no')])).toThrow(
      `config file ${file}: backlog must be a whole number from 1 to 65535, not "no"`,
    )
    expect(() => settings([config('backlog=no'), '-b5'])).toThrow('backlog must be')
  })

  it('is refused when it cannot be read', () => {
    const file = join(folder, 'missing.conf')
    expect(() => settings(['--config-file', file])).toThrow(
      `--config-file ${file} cannot be read: no such file or directory`,
    )
    expect(() => settings(['--config-file', folder])).toThrow('cannot be read: it is a directory')
  })

  it('with unknown keys is one warning, and an error when it is checked', () => {
    const words = [config('colour=blue\nwhat ever\n-R'), '-L', '::1']
    const problem = `config file ${join(folder, 'server.conf')}: unknown keys "colour", "what", "ever"`
    const { server, notices } = settings(words)
    expect(server.roundRobin).toBe(true)
    expect(notices).toEqual([`${problem}; ignored`])
    expect(() => readInvocation([...words, '--check-args'], {})).toThrow(problem)
  })
})

describe('TLS', () => {
  it("has gearmand's files unless others are named", () => {
    expect(settings(['--ssl']).tls).toEqual({
      keyFile: '/etc/ssl/certs/gearmand.key',
      certificateFile: '/etc/ssl/certs/gearmand.pem',
      caFile: undefined,
      isClientVerified: false,
    })
    expect(settings(['--ssl', '--ssl-verify-client']).tls).toMatchObject({
      caFile: '/etc/ssl/certs/gearmand-ca.pem',
      isClientVerified: true,
    })
  })

  it('is not left out when clients are to be verified', () => {
    expect(() => settings(['--ssl-verify-client'])).toThrow('--ssl-verify-client needs --ssl')
  })
})

describe('HTTP', () => {
  it('is opened by its protocol, with its own port and status codes', () => {
    expect(settings(['-r', 'http', '--http-port=81', '--http-compat=off']).server.http).toEqual({
      port: 81,
      compat: false,
    })
    expect(settings(['--http-port=81']).server.http).toBeUndefined()
  })
})

describe('single options', () => {
  it('admin-from adds up on the command line, and replaces what the config file says', () => {
    const words = ['--admin-from=10.0.0.1', '--admin-from', '10.0.1.0/24,::2']
    const expected = ['10.0.0.1', '10.0.1.0/24', '::2']
    expect(settings(words).server.adminFrom).toEqual(expected)
    expect(settings([config('admin-from=10.9.9.9'), ...words]).server.adminFrom).toEqual(expected)
    expect(settings([config('admin-from=10.9.9.9')]).server.adminFrom).toEqual(['10.9.9.9'])
  })

  it('listen on 127.0.0.1 for localhost', () => {
    expect(settings(['--listen=localhost']).server.host).toBe('127.0.0.1')
  })

  it('switch keepalive off in a config file only, and on with a time', () => {
    expect(settings([config('keepalive=no')]).server.keepAlive).toBe(false)
    expect(settings(['--keepalive-idle=-1']).server.keepAlive).toBeUndefined()
    expect(settings([config('keepalive=no'), '--keepalive']).server.keepAlive).toBeUndefined()
    expect(settings([config('keepalive=no'), '--keepalive-idle=9']).server.keepAlive).toEqual({
      idle: 9000,
    })
  })

  it("take gearmand 2.0's -1 job retries for no limit", () => {
    expect(settings(['-j', '-1']).server.jobRetries).toBe(0)
  })
})

it.each([
  [['-h'], 'help'],
  [['--help', '--version'], 'help'],
  [['-V'], 'version'],
  [['--check-args', '-R'], 'check'],
  [['-R'], 'run'],
])('%j asks for %s', (words, action) => {
  expect(readInvocation(words, {}).action).toBe(action)
})

it('an error comes before help, as in gearmand', () => {
  expect(() => readInvocation(['--help', '--nope'], {})).toThrow('unknown option')
})
