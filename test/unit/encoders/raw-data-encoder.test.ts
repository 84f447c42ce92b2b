import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import {
  NoopEncoder,
  RawDataEncoder,
  type RawInput,
} from '../../../src/encoders/raw-data-encoder.ts'
import { EncodingError, GearmanErrorCode } from '../../../src/errors.ts'

const encoder = new RawDataEncoder()

describe('RawDataEncoder.encode', () => {
  it('passes bytes on without a copy', () => {
    const bytes = Buffer.from([0, 1, 255])
    expect(encoder.encode(bytes)).toBe(bytes)
    const plain = new Uint8Array([1, 2])
    expect(encoder.encode(plain)).toBe(plain)
  })

  it('takes the bytes of another realm', () => {
    const foreign = runInNewContext('new Uint8Array([7])') as Uint8Array
    expect([...encoder.encode(foreign)]).toEqual([7])
  })

  it('writes text as UTF-8, NUL bytes and a byte order mark included', () => {
    expect(encoder.encode('\ufeffgrüße\0😀')).toEqual(Buffer.from('\ufeffgrüße\0😀', 'utf8'))
  })

  it('makes undefined an empty payload', () => {
    expect(encoder.encode(undefined)).toHaveLength(0)
  })

  it('refuses half a surrogate pair instead of sending U+FFFD', () => {
    expect(() => encoder.encode('half: \ud83d')).toThrow(EncodingError)
  })

  it.each([
    ['a number', 3, 'a number'],
    ['null', null, 'null'],
    ['a boolean', true, 'a boolean'],
    ['a BigInt', 1n, 'a bigint'],
    ['an object', { secret: 'hunter2' }, 'an Object'],
    ['an array', [1, 2], 'an array of 2'],
    ['an ArrayBuffer', new ArrayBuffer(4), 'an ArrayBuffer'],
    ['another typed array', new Uint16Array(2), 'a Uint16Array'],
    ['a DataView', new DataView(new ArrayBuffer(4)), 'a DataView'],
    ['a string object', Object('text'), 'a String'],
    ['a function', () => 'hunter2', 'a function'],
    ['a symbol', Symbol('hunter2'), 'a symbol'],
    ['an object without prototype', Object.create(null), 'an object without a class'],
  ])('refuses %s and names what it got', (_what, value, named) => {
    const refused = (): unknown => encoder.encode(value as RawInput)
    expect(refused).toThrow(EncodingError)
    expect(refused).toThrow(`not ${named}`)
    expect(refused).toThrow(expect.objectContaining({ code: GearmanErrorCode.Encoding }))
    expect(refused).not.toThrow('hunter2')
  })
})

describe('RawDataEncoder.decode', () => {
  it('gives the bytes', () => {
    expect(encoder.decode(Buffer.from([0, 200]))).toEqual(Buffer.from([0, 200]))
  })

  it('copies a small payload out of a socket chunk, so that keeping it does not keep the chunk', () => {
    const chunk = Buffer.alloc(65_536, 'x')
    const kept = encoder.decode(chunk.subarray(100, 200))
    expect(kept.toString()).toBe('x'.repeat(100))
    expect(kept.buffer).not.toBe(chunk.buffer)
    expect(kept.buffer.byteLength).toBeLessThanOrEqual(8192)
  })

  it('copies each payload to a place of its own', () => {
    const chunk = Buffer.alloc(300_000)
    const wanted: Buffer[] = []
    const kept = Array.from({ length: 200 }, (_, index) => {
      const size = (index * 37) % 5000
      wanted.push(Buffer.alloc(size, index))
      chunk.fill(index, 1000, 1000 + size)
      return encoder.decode(chunk.subarray(1000, 1000 + size))
    })
    expect(kept.every((bytes, index) => bytes.equals(wanted[index] as Buffer))).toBe(true)
    expect(kept.every(({ buffer }) => buffer.byteLength <= 8192)).toBe(true)
  })

  it('copies an empty payload out of a socket chunk', () => {
    const chunk = Buffer.alloc(65_536)
    const kept = encoder.decode(chunk.subarray(12, 12))
    expect(kept).toHaveLength(0)
    expect(kept.buffer).not.toBe(chunk.buffer)
  })

  it('does not copy a payload that fills most of its memory', () => {
    const own = Buffer.allocUnsafeSlow(1024 * 1024)
    expect(encoder.decode(own)).toBe(own)
    const chunk = Buffer.allocUnsafeSlow(65_536)
    expect(encoder.decode(chunk.subarray(12)).buffer).toBe(chunk.buffer)
  })

  it('does not copy what arrived in a small chunk of its own', () => {
    const chunk = Buffer.allocUnsafeSlow(60)
    expect(encoder.decode(chunk.subarray(40)).buffer).toBe(chunk.buffer)
  })
})

describe('NoopEncoder', () => {
  it('is the raw encoder under its Python name', () => {
    const noop: NoopEncoder = new NoopEncoder()
    expect(noop).toBeInstanceOf(RawDataEncoder)
  })
})
