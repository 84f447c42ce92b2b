import { describe, expect, test } from 'vitest'
import { resolveConnectionSettings } from '../../../src/connection/connection-settings.ts'
import { assertTransition, type ConnectionState } from '../../../src/connection/connection-state.ts'
import { InvalidArgumentError } from '../../../src/errors.ts'

const MAX_TIMER = 2_147_483_647

describe('the settings of a connection', () => {
  test('have defaults, which explicit undefined does not change', () => {
    const defaults = {
      connectTimeoutMs: 5000,
      heartbeatIntervalMs: 15_000,
      heartbeatTimeoutMs: 10_000,
      reconnectMinDelayMs: 100,
      reconnectMaxDelayMs: 30_000,
      maxPacketBytes: 1024 ** 3,
      tls: undefined,
      strategy: expect.any(Function),
      lookup: undefined,
      weights: new Map(),
      easeInTimeMs: 10_000,
      queueProbeIntervalMs: Number.POSITIVE_INFINITY,
    }
    expect(resolveConnectionSettings({})).toEqual(defaults)
    expect(resolveConnectionSettings({ connectTimeout: undefined, tls: undefined })).toEqual(
      defaults,
    )
  })

  test.each([
    ['connectTimeout', [1, MAX_TIMER, Number.POSITIVE_INFINITY]],
    ['heartbeatInterval', [1, MAX_TIMER, Number.POSITIVE_INFINITY]],
    ['heartbeatTimeout', [1, MAX_TIMER, Number.POSITIVE_INFINITY]],
    ['reconnectMinDelay', [1, MAX_TIMER]],
    ['reconnectMaxDelay', [1, MAX_TIMER]],
    ['easeInTime', [0, MAX_TIMER]],
    ['queueProbeInterval', [1, MAX_TIMER, Number.POSITIVE_INFINITY]],
  ] as const)('%s takes what a timer takes', (name, values) => {
    for (const value of values) {
      const settings = resolveConnectionSettings({ [name]: value })
      expect(settings[`${name}Ms`]).toBe(value)
    }
  })

  test.each([
    ['connectTimeout', [0, -1, 1.5, Number.NaN, MAX_TIMER + 1, '5', {}]],
    ['heartbeatInterval', [0, -1, 1.5, Number.NaN, MAX_TIMER + 1, '5']],
    ['heartbeatTimeout', [0, -1, 1.5, Number.NaN, MAX_TIMER + 1, '5']],
    ['reconnectMinDelay', [0, -1, 1.5, Number.NaN, MAX_TIMER + 1, Number.POSITIVE_INFINITY]],
    ['reconnectMaxDelay', [0, -1, 1.5, Number.NaN, MAX_TIMER + 1, Number.POSITIVE_INFINITY]],
    ['maxPacketBytes', [0, 1023, 1.5, 2 ** 32, Number.POSITIVE_INFINITY, '5']],
    ['tls', ['yes', 1]],
    ['strategy', ['fastest', 7]],
    ['easeInTime', [-1, 1.5, Number.POSITIVE_INFINITY]],
    ['queueProbeInterval', [0, 'often']],
    ['lookup', [7, 'dns']],
    ['weights', [7, null, []]],
    ['weights of gear:4730', [{ gear: 0 }, { gear: '3' }, { 'gear:4730': Number.NaN }]],
  ] as const)('%s refuses anything else', (name, values) => {
    for (const value of values) {
      const option = name.split(' ')[0] ?? name
      expect(() => resolveConnectionSettings({ [option]: value } as never)).toThrow(
        expect.objectContaining({ argument: name, code: 'ERR_GEARMAN_INVALID_ARGUMENT' }),
      )
    }
    expect(InvalidArgumentError.name).toBe('InvalidArgumentError')
  })

  test('maxPacketBytes goes from 1024 to what a header can say', () => {
    for (const maxPacketBytes of [1024, 2 ** 32 - 1]) {
      expect(resolveConnectionSettings({ maxPacketBytes }).maxPacketBytes).toBe(maxPacketBytes)
    }
  })

  test('tls: true means the options of Node as they are', () => {
    expect(resolveConnectionSettings({ tls: true }).tls).toEqual({})
    expect(resolveConnectionSettings({ tls: false }).tls).toBeUndefined()
  })
})

describe('the states of a connection', () => {
  const states: readonly ConnectionState[] = [
    'idle',
    'connecting',
    'ready',
    'failed',
    'draining',
    'closed',
  ]
  const allowed = new Set([
    'idle connecting',
    'idle closed',
    'connecting ready',
    'connecting failed',
    'connecting closed',
    'ready failed',
    'ready draining',
    'draining closed',
    'failed connecting',
    'failed closed',
  ])

  for (const from of states) {
    for (const to of states) {
      const isAllowed = allowed.has(`${from} ${to}`)
      test(`${from} ${isAllowed ? 'may' : 'never'} become ${to}`, () => {
        const change = expect(() => assertTransition(from, to))
        if (isAllowed) change.not.toThrow()
        else change.toThrow(`cannot go from ${from} to ${to}`)
      })
    }
  }
})
