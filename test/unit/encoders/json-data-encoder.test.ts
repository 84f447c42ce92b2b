import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { JSONDataEncoder } from '../../../src/encoders/json-data-encoder.ts'
import { EncodingError } from '../../../src/errors.ts'

const encoder = new JSONDataEncoder()
const decode = (text: string): unknown => encoder.decode(Buffer.from(text))
const reportOf = (thrown: unknown): unknown =>
  JSON.parse(Buffer.from(encoder.encodeError(thrown)).toString())

function errorOf(action: () => unknown): EncodingError {
  try {
    action()
  } catch (error) {
    expect(error).toBeInstanceOf(EncodingError)
    return error as EncodingError
  }
  throw new Error('nothing was thrown')
}

describe('JSONDataEncoder', () => {
  it.each([
    [null],
    [0],
    ['text with ü, \0 and half a pair \ud83d'],
    [[1, [2, []], {}]],
    [{ a: { b: [true, false, null] }, '': 1 }],
  ])('brings a value back as it was (%#)', (value) => {
    expect(encoder.decode(Buffer.from(encoder.encode(value)))).toEqual(value)
  })

  it('maps undefined to an empty payload, and back', () => {
    expect(encoder.encode(undefined)).toHaveLength(0)
    expect(encoder.decode(Buffer.alloc(0))).toBeUndefined()
  })

  it('carries its types', () => {
    const typed = new JSONDataEncoder<{ word: string }, { count: number }>()
    const bytes: Uint8Array = typed.encode({ word: 'x' })
    expect(bytes.length).toBeGreaterThan(0)
    const { count }: { count: number } = typed.decode(Buffer.from('{"count":3}'))
    expect(count).toBe(3)
  })

  const cycle: { self?: unknown } = {}
  cycle.self = cycle
  it.each([
    ['a function', () => 1, 'a function'],
    ['a symbol', Symbol('s'), 'a symbol'],
    ['a BigInt', 1n, 'a bigint'],
    ['a BigInt inside', { n: 1n }, 'an Object'],
    ['a cycle', cycle, 'an Object'],
    ['a toJSON that throws', { toJSON: () => JSON.parse('no') }, 'an Object'],
    ['a toJSON that gives nothing', { toJSON: () => undefined }, 'an Object'],
  ])('refuses %s with the cause', (_what, value, named) => {
    const error = errorOf(() => encoder.encode(value))
    expect(error.message).toContain(named)
    expect(error.cause).toBeInstanceOf(Error)
  })
})

describe('JSONDataEncoder.decode of something else', () => {
  it('names the length and the position, and never quotes the payload', () => {
    const error = errorOf(() => decode('{"card": 4929 secret }'))
    expect(error.message).toBe(
      'a payload of 22 bytes is not JSON: unexpected character at position 14',
    )
    expect(error.cause).toBeInstanceOf(SyntaxError)
    expect(inspect(error, { depth: 9 })).not.toMatch(/4929|secret/)
  })

  it('refuses text that is not UTF-8', () => {
    expect(errorOf(() => encoder.decode(Buffer.from([0x22, 0xff, 0x22]))).message).toContain(
      '3 bytes is not UTF-8',
    )
  })

  it('refuses a byte order mark, as JSON does', () => {
    expect(errorOf(() => decode('\ufeff1')).message).toContain('position 0')
  })

  it('leaves no prototype changed', () => {
    const value = decode(
      '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":1}}}',
    )
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(Object.keys(value as object)).toEqual(['__proto__', 'constructor'])
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })
})

describe('the exceptions of a JSONDataEncoder', () => {
  it('are objects with name, message and code', () => {
    const error = Object.assign(new RangeError('too far'), { code: 'ERR_FAR' })
    expect(reportOf(error)).toEqual({ name: 'RangeError', message: 'too far', code: 'ERR_FAR' })
    expect(reportOf(Object.assign(new Error('x'), { code: 7 }))).toHaveProperty('code', 7)
  })

  it('have no code that is neither a string nor a number', () => {
    for (const code of [{}, true, Number.NaN, 1n, Symbol('c'), null]) {
      expect(reportOf(Object.assign(new Error('x'), { code }))).toEqual({
        name: 'Error',
        message: 'x',
      })
    }
  })

  it('nest their causes, errors or not', () => {
    const error = new Error('outer', { cause: new TypeError('middle', { cause: 'inner' }) })
    expect(reportOf(error)).toEqual({
      name: 'Error',
      message: 'outer',
      cause: {
        name: 'TypeError',
        message: 'middle',
        cause: { name: 'Error', message: 'inner' },
      },
    })
  })

  it('end at a cycle of causes', () => {
    const first = new Error('first')
    const second = new Error('second', { cause: first })
    first.cause = second
    expect(reportOf(first)).toEqual({
      name: 'Error',
      message: 'first',
      cause: { name: 'Error', message: 'second' },
    })
  })

  it('end at a depth', () => {
    let error = new Error('0')
    for (let level = 1; level <= 1000; level += 1) error = new Error(`${level}`, { cause: error })
    let levels = 0
    for (let at = reportOf(error); at !== undefined; at = (at as { cause?: unknown }).cause)
      levels += 1
    expect(levels).toBe(9)
  })

  it('are made of whatever was thrown, without throwing', () => {
    expect(reportOf('boom')).toEqual({ name: 'Error', message: 'boom' })
    expect(reportOf(undefined)).toEqual({ name: 'Error', message: 'undefined' })
    const hostile = Object.defineProperty(new Error('x'), 'cause', {
      get() {
        throw new Error('in the getter')
      },
    })
    expect(reportOf(hostile)).toEqual({ name: 'Error', message: 'x' })
    expect(reportOf({ message: 'x', toJSON: () => 'replaced' })).toEqual({
      name: 'Error',
      message: 'x',
    })
  })

  it('are decoded to the object, or to the text of another encoder', () => {
    const decodeError = (text: string): unknown => encoder.decodeError(Buffer.from(text))
    expect(decodeError('{"name":"Error","message":"x"}')).toEqual({ name: 'Error', message: 'x' })
    expect(decodeError('Fatal error: out of memory')).toBe('Fatal error: out of memory')
    expect(decodeError('')).toBe('')
    expect(Object.getPrototypeOf(decodeError('{"__proto__":null}'))).toBe(Object.prototype)
    expect(() => encoder.decodeError(Buffer.from([0xff]))).toThrow(EncodingError)
  })
})
