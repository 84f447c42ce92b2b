import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  checkTls,
  resolveAddress,
  resolveHostList,
} from '../../../src/connection/server-address.ts'
import { InvalidArgumentError } from '../../../src/errors.ts'

const CA = { ca: 'certificate' }

describe('a server address', () => {
  test.each([
    ['gear', 'gear', 4730, 'gear:4730'],
    ['gear:1', 'gear', 1, 'gear:1'],
    [' gear:65535 ', 'gear', 65_535, 'gear:65535'],
    ['127.0.0.1:4731', '127.0.0.1', 4731, '127.0.0.1:4731'],
    ['[::1]', '::1', 4730, '[::1]:4730'],
    ['[::1]:4731', '::1', 4731, '[::1]:4731'],
    ['[fe80::1%eth0]:4731', 'fe80::1%eth0', 4731, '[fe80::1%eth0]:4731'],
    [['gear', 4731], 'gear', 4731, 'gear:4731'],
    [['::1', 4731], '::1', 4731, '[::1]:4731'],
    [['[::1]', 4731], '::1', 4731, '[::1]:4731'],
    [{ host: 'gear' }, 'gear', 4730, 'gear:4730'],
    [{ host: 'gear', port: 4731 }, 'gear', 4731, 'gear:4731'],
    [{ host: 'gear', port: undefined, tls: undefined }, 'gear', 4730, 'gear:4730'],
    [{ host: '::1', port: 4731 }, '::1', 4731, '[::1]:4731'],
  ] as const)('%j is understood', (address, host, port, name) => {
    expect(resolveAddress(address, undefined)).toEqual({ host, port, name, tls: undefined })
  })

  test.each([
    '',
    ' ',
    ':4730',
    'gear:',
    'gear:0',
    'gear:65536',
    'gear:-1',
    'gear:1.5',
    'gear:47x',
    'gear: 4730',
    '::1',
    '::1:4730',
    '[::1]4730',
    '[]:4730',
    'two words',
    'a,b',
    'nul\0',
    '/run/gearmand.sock',
    'user@gear',
    ['http://gear', 4730],
    { host: 'gear?tls=1' },
    ['gear'],
    ['gear', '4730'],
    ['gear', 0],
    ['gear', Number.NaN],
    ['gear', 4730, 'more'],
    ['', 4730],
    [4730, 'gear'],
    [],
    {},
    { host: '' },
    { host: 7 },
    { host: 'gear', port: '4730' },
    { host: 'gear', port: 70_000 },
    { host: 'gear', tls: 'yes' },
    { host: 'gear', tls: 1 },
    null,
    undefined,
    4730,
    true,
  ])('%j is refused', (address) => {
    expect(() => resolveAddress(address as never, undefined)).toThrow(InvalidArgumentError)
  })

  test('takes TLS from itself, else from the manager', () => {
    expect(resolveAddress('gear', CA).tls).toBe(CA)
    expect(resolveAddress({ host: 'gear' }, CA).tls).toBe(CA)
    expect(resolveAddress({ host: 'gear', tls: true }, CA).tls).toBe(CA)
    expect(resolveAddress({ host: 'gear', tls: true }, undefined).tls).toEqual({})
    expect(resolveAddress({ host: 'gear', tls: false }, CA).tls).toBeUndefined()
    const own = { ca: 'other' }
    expect(resolveAddress({ host: 'gear', tls: own }, CA).tls).toBe(own)
  })

  test.each([true, false, undefined, CA])('may have %j for TLS', (tls) => {
    expect(checkTls(tls)).toBe(tls)
  })
})

describe('a host list', () => {
  afterEach(() => {
    vi.unstubAllEnvs()
  })

  const names = (list: Parameters<typeof resolveHostList>[0]): string[] =>
    resolveHostList(list, undefined).map(({ name }) => name)

  test('is text with commas, or an array of addresses of any form', () => {
    expect(names('one:1, two , [::1]:3')).toEqual(['one:1', 'two:4730', '[::1]:3'])
    expect(names(['one:1', ['two', 2], { host: 'three' }])).toEqual([
      'one:1',
      'two:2',
      'three:4730',
    ])
  })

  test('that is left out is GEARMAN_SERVERS, else localhost', () => {
    vi.stubEnv('GEARMAN_SERVERS', 'one:1,two')
    expect(names(undefined)).toEqual(['one:1', 'two:4730'])
    vi.stubEnv('GEARMAN_SERVERS', '  ')
    expect(names(undefined)).toEqual(['localhost:4730'])
    vi.stubEnv('GEARMAN_SERVERS', undefined)
    expect(names(undefined)).toEqual(['localhost:4730'])
  })

  test('that is given does not look at GEARMAN_SERVERS', () => {
    vi.stubEnv('GEARMAN_SERVERS', 'one:1')
    expect(names('two')).toEqual(['two:4730'])
  })

  test.each([[[]], [''], ['  '], ['one,,two'], ['one,'], [7], [{ host: 'gear' }], [[undefined]]])(
    '%j is refused',
    (list) => {
      expect(() => resolveHostList(list as never, undefined)).toThrow(InvalidArgumentError)
    },
  )

  test('a bad GEARMAN_SERVERS is refused', () => {
    vi.stubEnv('GEARMAN_SERVERS', 'one:port')
    expect(() => resolveHostList(undefined, undefined)).toThrow(InvalidArgumentError)
  })
})
