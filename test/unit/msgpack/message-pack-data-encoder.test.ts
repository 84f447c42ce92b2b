import { ExtensionCodec } from '@msgpack/msgpack'
import { describe, expect, it } from 'vitest'
import { InvalidArgumentError } from '../../../src/errors.ts'
import { MessagePackDataEncoder } from '../../../src/msgpack/message-pack-data-encoder.ts'
import { encodingErrorOf } from '../../helpers/thrown.ts'

const encoder = new MessagePackDataEncoder()
const hex = (value: unknown): string => Buffer.from(encoder.encode(value)).toString('hex')
const decode = (text: string): unknown =>
  encoder.decode(Buffer.from(text.replaceAll(' ', ''), 'hex'))

describe('MessagePackDataEncoder', () => {
  it.each([
    [null, 'c0'],
    [true, 'c3'],
    [-1, 'ff'],
    [2 ** 40, 'cf0000010000000000'],
    [1.5, 'cb3ff8000000000000'],
    ['ü', 'a2c3bc'],
    [[1, [2]], '9201 9102'],
    [{ a: { b: [] } }, '81a161 81a162 90'],
    [Buffer.of(0, 255), 'c40200ff'],
    [new Date(1000), 'd6ff00000001'],
    [2n ** 63n - 1n, 'cf7fffffffffffffff'],
    [[-(2n ** 63n), 5], '92d38000000000000000 05'],
  ])('writes %o and reads it', (value, bytes) => {
    expect(hex(value)).toBe(bytes.replaceAll(' ', ''))
    const back = decode(bytes)
    expect(back instanceof Uint8Array ? Buffer.from(back) : back).toEqual(value)
  })

  it('maps undefined to an empty payload, and leaves it out of objects', () => {
    expect(encoder.encode(undefined)).toHaveLength(0)
    expect(encoder.decode(Buffer.alloc(0))).toBeUndefined()
    expect(hex({ a: undefined, b: [undefined] })).toBe('81a16291c0')
  })

  it('gives integers of 64 bits as numbers where that is exact, wherever they are', () => {
    expect(decode('93 cf0000000000000001 81a161cf0020000000000000 cf001fffffffffffff')).toEqual([
      1,
      { a: 9007199254740992n },
      Number.MAX_SAFE_INTEGER,
    ])
    expect(decode('81 cf0000000000000001 a161')).toEqual({ 1: 'a' })
  })

  const cycle: unknown[] = []
  cycle.push(cycle)
  it.each([
    ['a function', () => 1, 'a function'],
    ['a Map, which would be written as an empty one', [new Map([[1, 2]])], 'a Map'],
    ['an instance of a class', { url: new URL('http://localhost') }, 'a URL'],
    ['a bigint of more than 64 bits', 2n ** 64n, 'a bigint'],
    ['a cycle', cycle, 'array of 1'],
  ])('refuses to write %s', (_what, value, named) => {
    const error = encodingErrorOf(() => encoder.encode(value))
    expect(error.message).toContain(named)
    expect(error.cause).toBeInstanceOf(Error)
  })

  it('copies the bytes that it gives: the payload may be part of a larger chunk', () => {
    const payload = Buffer.from('c40107', 'hex')
    const value = encoder.decode(payload)
    payload.fill(0)
    expect(value).toEqual(Uint8Array.of(7))
  })

  it('works with extension types', () => {
    const extensionCodec = new ExtensionCodec()
    extensionCodec.register({
      type: 1,
      encode: (value) => (value instanceof URL ? Buffer.from(value.href) : null),
      decode: (data) => new URL(Buffer.from(data).toString()),
    })
    const own = new MessagePackDataEncoder({ extensionCodec })
    const url = new URL('http://localhost/')
    expect(own.decode(Buffer.from(own.encode([url])))).toEqual([url])
  })

  it.each([
    ['c1', 'at byte 0 there must be a value'],
    ['91', 'at byte 1 there must be 1 values, but only 0 bytes are left'],
    ['c0c0', 'at byte 1 there must be the end, but 1 more bytes follow'],
    ['a2c3', 'at byte 1 there must be 2 bytes, but only 1 are left'],
    ['92a1ffc0', 'at byte 2 there must be a string in UTF-8'],
    ['ddffffffff', '4294967295 values, but only 0 bytes are left'],
    ['dd00ffffff'.repeat(3), '16777215 values'],
    ['dfffffffff', '8589934590 values'],
    ['cf00', '8 bytes, but only 1 are left'],
    ['81c001', 'keys are text or numbers'],
    ['81a95f5f70726f746f5f5f01', 'cannot be read as MessagePack'],
  ])('refuses %s', (bytes, message) => {
    expect(encodingErrorOf(() => decode(bytes)).message).toContain(message)
  })

  it('reads and writes as deep as it is told, and no deeper', () => {
    const nested = (levels: number): string => `${'91'.repeat(levels)}c0`
    expect(hex(decode(nested(500)))).toBe(nested(500))
    expect(encodingErrorOf(() => decode(nested(501))).message).toContain('500 levels')
    const flat = new MessagePackDataEncoder({ maxDepth: 1 })
    expect(flat.decode(Buffer.from(flat.encode([1])))).toEqual([1])
    encodingErrorOf(() => flat.encode([[1]]))
    expect(() => new MessagePackDataEncoder({ maxDepth: 1001 })).toThrow(InvalidArgumentError)
  })

  it('sends exceptions as maps, and reads text of others', () => {
    const bytes = Buffer.from(encoder.encodeError(Object.assign(new TypeError('no'), { code: 5 })))
    expect(encoder.decodeError(bytes)).toEqual({ name: 'TypeError', message: 'no', code: 5 })
    expect(encoder.decodeError(Buffer.from('ValueError: x'))).toBe('ValueError: x')
    expect(encoder.decodeError(Buffer.from('x'))).toBe('x')
    expect(encoder.decodeError(Buffer.alloc(0))).toBe('')
  })
})
