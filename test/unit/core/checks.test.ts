import { describe, expect, it } from 'vitest'
import {
  checkBoolean,
  checkDuration,
  checkFunction,
  checkInteger,
  checkLimit,
  kindOf,
  show,
} from '../../../src/core/checks.ts'
import { GearmanErrorCode, InvalidArgumentError } from '../../../src/errors.ts'

function argumentOf(check: () => unknown): string {
  try {
    check()
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidArgumentError)
    expect(error).toHaveProperty('code', GearmanErrorCode.InvalidArgument)
    return (error as InvalidArgumentError).argument
  }
  throw new Error('nothing was thrown')
}

describe('checkDuration', () => {
  it('takes milliseconds, fractions too, and makes undefined Infinity', () => {
    expect(checkDuration('pollTimeout', 0)).toBe(0)
    expect(checkDuration('pollTimeout', 1.5)).toBe(1.5)
    expect(checkDuration('pollTimeout', Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY)
    expect(checkDuration('pollTimeout', undefined)).toBe(Number.POSITIVE_INFINITY)
  })

  it.each([-1, Number.NaN, Number.NEGATIVE_INFINITY, '5', null, 5n, {}, new Date(0)])(
    'refuses what is no duration (%#)',
    (value) => {
      expect(argumentOf(() => checkDuration('pollTimeout', value as number))).toBe('pollTimeout')
    },
  )
})

describe('checkBoolean', () => {
  it('takes true and false', () => {
    expect([checkBoolean('all', true), checkBoolean('all', false)]).toEqual([true, false])
  })

  it.each([undefined, null, 0, 1, '', 'yes', {}])('refuses what is neither (%#)', (value) => {
    expect(argumentOf(() => checkBoolean('all', value))).toBe('all')
  })
})

describe('checkInteger and checkLimit', () => {
  it('take whole numbers within bounds, both included', () => {
    expect(checkInteger('port', 1, 1, 65_535)).toBe(1)
    expect(checkInteger('port', 65_535, 1, 65_535)).toBe(65_535)
    expect(checkLimit('concurrency', 3, 1)).toBe(3)
    expect(checkLimit('concurrency', Number.POSITIVE_INFINITY, 1)).toBe(Number.POSITIVE_INFINITY)
  })

  it.each([0, 65_536, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '1', null, undefined, true])(
    'refuse anything else (%#)',
    (value) => {
      expect(argumentOf(() => checkInteger('port', value, 1, 65_535))).toBe('port')
    },
  )

  it.each([0, 1e300, Number.NEGATIVE_INFINITY, 0.5])(
    'refuse a limit out of bounds (%#)',
    (value) => {
      expect(argumentOf(() => checkLimit('concurrency', value, 1))).toBe('concurrency')
    },
  )
})

describe('checkFunction', () => {
  it('takes functions only', () => {
    expect(() => checkFunction('callback', () => undefined)).not.toThrow()
    expect(argumentOf(() => checkFunction('callback', 'name'))).toBe('callback')
  })
})

describe('show', () => {
  it.each([
    ['short text', '"short text"'],
    ['x'.repeat(100), `"${'x'.repeat(77)}..."`],
    [5, '5'],
    [undefined, 'undefined'],
    [null, 'null'],
    [12n, '12'],
    [10n ** 200n, `1${'0'.repeat(76)}...`],
    [Symbol('s'), 'Symbol(s)'],
    [[1, 2, 3], 'an array of 3'],
    [{ secret: 1 }, 'an Object'],
    [Buffer.from('secret'), 'a Buffer'],
    [Object.create(null), 'an object without a class'],
    [() => 'the source of it', 'a function'],
  ])('is short and shows no content of something large (%#)', (value, text) => {
    expect(show(value)).toBe(text)
  })

  it('takes values whose class cannot be read', () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    expect(show({ constructor: 'text' })).toBe('an object without a class')
    expect(show({ constructor: null })).toBe('an object without a class')
    expect(
      show({
        get constructor(): never {
          throw new Error('in the getter')
        },
      }),
    ).toBe('an object')
    expect(show(proxy)).toBe('an object')
  })
})

describe('kindOf', () => {
  it('names the kind of a value and never the value', () => {
    expect(['secret', 42, true, 1n, Symbol('x'), undefined, null].map(kindOf)).toEqual([
      'a string',
      'a number',
      'a boolean',
      'a bigint',
      'a symbol',
      'undefined',
      'null',
    ])
  })
})
