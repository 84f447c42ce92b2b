import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { DataEncoder } from '../../../src/encoders/data-encoder.ts'
import { EncodingError } from '../../../src/errors.ts'

class ListEncoder extends DataEncoder<readonly string[], string[]> {
  encode(value: readonly string[]): Uint8Array {
    return Buffer.from(value.join(','))
  }

  decode(bytes: Buffer): string[] {
    return bytes.toString().split(',')
  }
}

const encoder = new ListEncoder()
const errorTextOf = (thrown: unknown): string => Buffer.from(encoder.encodeError(thrown)).toString()

describe('the exceptions of a DataEncoder, unless it says otherwise', () => {
  it('are sent as "Name: message"', () => {
    expect(errorTextOf(new TypeError('no such column'))).toBe('TypeError: no such column')
  })

  it('take the name that an error class gave itself', () => {
    class PaymentRefused extends Error {
      override readonly name = 'PaymentRefused'
    }
    expect(errorTextOf(new PaymentRefused('card 4'))).toBe('PaymentRefused: card 4')
  })

  it('are the name alone when the message is empty', () => {
    expect(errorTextOf(new RangeError(''))).toBe('RangeError')
  })

  it('are the name Error when the name is no usable string', () => {
    expect(errorTextOf(Object.assign(new Error('x'), { name: '' }))).toBe('Error: x')
    expect(errorTextOf({ name: 7, message: 'x' })).toBe('Error: x')
  })

  it('know errors of another realm', () => {
    expect(errorTextOf(runInNewContext('new TypeError("far away")'))).toBe('TypeError: far away')
  })

  it.each([
    ['a string', 'boom', 'boom'],
    ['an empty string', '', ''],
    ['undefined', undefined, 'undefined'],
    ['null', null, 'null'],
    ['a number', 42, '42'],
    ['a BigInt', 42n, '42n'],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
    ['a plain object', { reason: 'full', left: 0 }, "{ reason: 'full', left: 0 }"],
    ['an object without prototype', Object.create(null), '[Object: null prototype] {}'],
    ['a function', function handler() {}, '[Function: handler]'],
  ])('show %s that was thrown', (_what, thrown, text) => {
    expect(errorTextOf(thrown)).toBe(text)
  })

  it('never throw, whatever was thrown', () => {
    const getter = new Error('seen')
    Object.defineProperty(getter, 'name', {
      get() {
        throw new Error('in the getter')
      },
    })
    expect(errorTextOf(getter)).toBe('Error: seen')

    const refusing = (): never => {
      throw new Error('in the trap')
    }
    const proxy = new Proxy({}, { get: refusing, has: refusing, ownKeys: refusing })
    expect(errorTextOf(proxy)).toEqual(expect.any(String))

    const hostile = {
      get message(): string {
        throw new Error('in message')
      },
      toString: refusing,
      [Symbol.toPrimitive]: refusing,
      [Symbol.for('nodejs.util.inspect.custom')]: refusing,
    }
    expect(errorTextOf(hostile)).toMatch(/./)

    const { proxy: revoked, revoke } = Proxy.revocable({}, {})
    revoke()
    expect(errorTextOf(revoked)).toMatch(/./)
  })

  it('stay short when something large was thrown', () => {
    expect(errorTextOf({ rows: Array.from({ length: 1e5 }, () => 'x') }).length).toBeLessThan(2000)
  })

  it('are decoded to their text', () => {
    expect(encoder.decodeError(Buffer.from('TypeError: größer'))).toBe('TypeError: größer')
    expect(encoder.decodeError(Buffer.alloc(0))).toBe('')
  })

  it('are refused when they are not UTF-8, so that the caller can keep the bytes', () => {
    expect(() => encoder.decodeError(Buffer.from([0x80, 0x03, 0x7d]))).toThrow(EncodingError)
  })
})
