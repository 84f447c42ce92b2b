import { describe, expect, it } from 'vitest'
import {
  resolveAdminOptions,
  resolveCallOptions,
  resolveMaxqueueSizes,
  toHostList,
} from '../../../src/admin/admin-options.ts'
import { InvalidArgumentError } from '../../../src/errors.ts'

describe('the options of an admin client', () => {
  it('wait 10 s for an answer unless told otherwise, for ever with Infinity', () => {
    expect(resolveAdminOptions().pollTimeoutMs).toBe(10_000)
    expect(resolveAdminOptions({ pollTimeout: undefined }).pollTimeoutMs).toBe(10_000)
    expect(resolveAdminOptions({ pollTimeout: 0 }).pollTimeoutMs).toBe(0)
    expect(resolveAdminOptions({ pollTimeout: Number.POSITIVE_INFINITY }).pollTimeoutMs).toBe(
      undefined,
    )
  })

  it('wait for ever rather than not at all when a timer cannot be so long', () => {
    expect(resolveAdminOptions({ pollTimeout: 2 ** 31 }).pollTimeoutMs).toBe(undefined)
  })

  it.each([-1, Number.NaN, '10' as never, null as never])('refuse a pollTimeout of %j', (value) => {
    expect(() => resolveAdminOptions({ pollTimeout: value })).toThrow(InvalidArgumentError)
    expect(() => resolveCallOptions({ pollTimeout: value }, 1)).toThrow(/^pollTimeout/)
  })

  it('leave those of the connection to the manager', () => {
    const options = { server: 'a', pollTimeout: 5, connectTimeout: 7 }
    expect(resolveAdminOptions(options)).toEqual({
      server: 'a',
      pollTimeoutMs: 5,
      connection: { connectTimeout: 7 },
    })
    expect(options).toEqual({ server: 'a', pollTimeout: 5, connectTimeout: 7 })
  })
})

describe('the options of a call', () => {
  it('default to those of the client', () => {
    expect(resolveCallOptions(undefined, 5)).toEqual({ pollTimeoutMs: 5, signal: undefined })
    expect(resolveCallOptions({}, undefined)).toEqual({
      pollTimeoutMs: undefined,
      signal: undefined,
    })
    const { signal } = new AbortController()
    expect(resolveCallOptions({ pollTimeout: 7, signal }, 5)).toEqual({ pollTimeoutMs: 7, signal })
  })

  it.each([5, 'text', null])('refuse %j in place of an object, and as a signal', (value) => {
    expect(() => resolveCallOptions(value as never, 5)).toThrow(/^options must be an object/)
    expect(() => resolveCallOptions({ signal: value as never }, 5)).toThrow(/^signal must be/)
  })
})

describe('the sizes of maxqueue', () => {
  it('are none for no limit, one for all priorities, or three of which zero is no limit', () => {
    expect(resolveMaxqueueSizes(undefined)).toEqual([])
    expect(resolveMaxqueueSizes(Number.POSITIVE_INFINITY)).toEqual([])
    expect(resolveMaxqueueSizes(7)).toEqual([7])
    expect(resolveMaxqueueSizes({})).toEqual([])
    expect(resolveMaxqueueSizes({ low: 1 })).toEqual([0, 0, 1])
    expect(resolveMaxqueueSizes({ high: 3, normal: 2, low: 1 })).toEqual([3, 2, 1])
  })

  it.each([0, -1, 1.5, 2 ** 31, Number.NaN, '5' as never, null as never])('refuse %j', (size) => {
    expect(() => resolveMaxqueueSizes(size)).toThrow(InvalidArgumentError)
    expect(() => resolveMaxqueueSizes({ normal: size })).toThrow(/^maxSize\.normal must be/)
  })
})

describe('the host of an admin client', () => {
  it('may be one address in any form, or a list', () => {
    expect(toHostList(undefined)).toBe(undefined)
    expect(toHostList('a:1')).toBe('a:1')
    expect(toHostList(['a:1'])).toEqual(['a:1'])
    expect(toHostList(['a', 1])).toEqual([['a', 1]])
    expect(toHostList([['a', 1]])).toEqual([['a', 1]])
    expect(toHostList({ host: 'a' })).toEqual([{ host: 'a' }])
    expect(toHostList([{ host: 'a', port: 1 }])).toEqual([{ host: 'a', port: 1 }])
  })
})
