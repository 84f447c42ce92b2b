import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { PhpDataEncoder } from '../../../../src/encoders/php/php-data-encoder.ts'
import { PhpCustomObject, PhpEnum, PhpObject } from '../../../../src/encoders/php/php-values.ts'
import { InvalidArgumentError } from '../../../../src/errors.ts'
import { encodingErrorOf } from '../../../helpers/thrown.ts'

const encoder = new PhpDataEncoder()
const inMaps = new PhpDataEncoder({ arrays: 'map' })
const decode = (text: string, by = encoder): unknown => by.decode(Buffer.from(text, 'latin1'))
const encode = (value: unknown): string => Buffer.from(encoder.encode(value)).toString('latin1')
const faultOf = (text: string, by = encoder): string =>
  encodingErrorOf(() => decode(text, by)).message

describe('PhpDataEncoder', () => {
  it.each([
    [null, 'N;'],
    [true, 'b:1;'],
    [-7, 'i:-7;'],
    [-0, 'd:-0;'],
    [0.1, 'd:0.1;'],
    [1e22, 'd:1e+22;'],
    [Number.NaN, 'd:NAN;'],
    [Number.NEGATIVE_INFINITY, 'd:-INF;'],
    [2n ** 63n - 1n, 'i:9223372036854775807;'],
    ['', 's:0:"";'],
    ['Grü"ße', 's:8:"Gr\xc3\xbc"\xc3\x9fe";'],
    [[], 'a:0:{}'],
    [['a', [null]], 'a:2:{i:0;s:1:"a";i:1;a:1:{i:0;N;}}'],
    [{ x: 1, y: { z: 's' } }, 'a:2:{s:1:"x";i:1;s:1:"y";a:1:{s:1:"z";s:1:"s";}}'],
    [{ 1: 'a', 5: 'b' }, 'a:2:{i:1;s:1:"a";i:5;s:1:"b";}'],
    [new PhpEnum('App\\Suit', 'Hearts'), 'E:15:"App\\Suit:Hearts";'],
    [new PhpObject('A', { b: 1, '1': 2 }), 'O:1:"A":2:{s:1:"1";i:2;s:1:"b";i:1;}'],
    [new PhpCustomObject('A', Buffer.from('x;}')), 'C:1:"A":3:{x;}}'],
  ])('writes %o and reads it', (value, text) => {
    expect(encode(value)).toBe(text)
    expect(decode(text)).toEqual(value)
  })

  it('maps undefined to an empty payload, and back', () => {
    expect(encoder.encode(undefined)).toHaveLength(0)
    expect(encoder.decode(Buffer.alloc(0))).toBeUndefined()
    expect(encode([undefined, { a: undefined }])).toBe('a:2:{i:0;N;i:1;a:1:{s:1:"a";N;}}')
  })

  it('gives whole numbers beyond the exact range as bigint', () => {
    expect(decode('i:9007199254740991;')).toBe(Number.MAX_SAFE_INTEGER)
    expect(decode('i:9007199254740993;')).toBe(9007199254740993n)
    expect(decode('i:-9223372036854775808;')).toBe(-(2n ** 63n))
  })

  it('writes bytes, and gives bytes for what is not UTF-8', () => {
    expect(encode(Buffer.from([0, 0xff]))).toBe('s:2:"\0\xff";')
    expect(decode('a:2:{i:0;s:1:"\xff";i:1;s:2:"\xc3\xbc";}')).toEqual([Buffer.from([255]), 'ü'])
  })

  it('gives strings as they are asked for', () => {
    const buffers = new PhpDataEncoder({ strings: 'buffer' })
    expect(decode('a:1:{s:1:"k";s:1:"a";}', buffers)).toEqual({ k: Buffer.from('a') })
    const texts = new PhpDataEncoder({ strings: 'utf8' })
    expect(decode('s:2:"\xc3\xbc";', texts)).toBe('ü')
    expect(faultOf('s:1:"\xff";', texts)).toContain('at byte 0 there must be a string in UTF-8')
  })

  it('copies the bytes that it gives: the payload may be part of a larger chunk', () => {
    const payload = Buffer.from('s:1:"\xff";', 'latin1')
    const value = encoder.decode(payload) as Buffer
    payload.fill(0)
    expect(value).toEqual(Buffer.from([255]))
  })

  it('gives arrays that are no lists as objects, or as Maps in their order', () => {
    const text = 'a:3:{i:7;s:1:"a";s:1:"x";s:1:"b";i:2;s:1:"c";}'
    expect(decode(text)).toEqual({ 2: 'c', 7: 'a', x: 'b' })
    expect([...(decode(text, inMaps) as Map<unknown, unknown>)]).toEqual([
      [7, 'a'],
      ['x', 'b'],
      [2, 'c'],
    ])
    expect(decode('a:2:{i:0;N;i:2;N;}')).toEqual({ 0: null, 2: null })
    expect(decode('a:2:{i:0;N;i:1;N;}', inMaps)).toEqual([null, null])
  })

  it('writes Maps in their order, with keys as PHP keeps them', () => {
    const map = new Map<unknown, unknown>([
      ['7', 1],
      ['07', 2],
      [-1, 3],
      [2n ** 62n, 4],
    ])
    expect(encode(map)).toBe('a:4:{i:7;i:1;s:2:"07";i:2;i:-1;i:3;i:4611686018427387904;i:4;}')
    expect(encodingErrorOf(() => encode(new Map([[1.5, 1]]))).message).toContain('a number')
  })

  it('shows properties whatever their visibility', () => {
    const object = decode('O:1:"A":3:{s:4:"\0A\0p";i:1;s:4:"\0*\0q";i:2;s:1:"r";i:3;}') as PhpObject
    expect(object.className).toBe('A')
    expect([object.get('p'), object.get('q'), object.get('r'), object.get('s')]).toEqual([
      1,
      2,
      3,
      undefined,
    ])
    expect(object.toObject()).toEqual({ p: 1, q: 2, r: 3 })
    expect(encode(object)).toBe('O:1:"A":3:{s:4:"\0A\0p";i:1;s:4:"\0*\0q";i:2;s:1:"r";i:3;}')
  })

  it('keeps one object one, and an object that holds itself', () => {
    const text = 'a:3:{i:0;O:1:"A":1:{s:1:"x";r:2;}i:1;r:2;i:2;R:2;}'
    const [first, second, third] = decode(text) as PhpObject[]
    expect(second).toBe(first)
    expect(third).toBe(first)
    expect(first?.get('x')).toBe(first)
    expect(encode([first, second])).toBe('a:2:{i:0;O:1:"A":1:{s:1:"x";r:2;}i:1;r:2;}')
  })

  it('shares what references share', () => {
    const [list, same, number] = decode('a:3:{i:0;a:1:{i:0;i:5;}i:1;R:2;i:2;R:3;}') as unknown[]
    expect(same).toBe(list)
    expect(number).toBe(5)
  })

  it('leaves no prototype changed', () => {
    const value = decode('a:2:{s:9:"__proto__";a:1:{s:1:"p";i:1;}s:11:"constructor";i:1;}')
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(Object.keys(value as object)).toEqual(['__proto__', 'constructor'])
    expect(({} as { p?: unknown }).p).toBeUndefined()
    const properties = decode('O:1:"A":1:{s:9:"__proto__";a:1:{s:1:"p";i:1;}}') as PhpObject
    expect(Object.getPrototypeOf(properties.toObject())).toBe(Object.prototype)
  })

  const cycle: unknown[] = []
  cycle.push([cycle])
  it.each([
    ['a function', () => 1, 'a function'],
    ['a symbol', Symbol('s'), 'a symbol'],
    ['an instance of a class', [new Date(0)], 'a Date'],
    ['a bigint of more than 64 bits', 2n ** 63n, '64 bits'],
    ['an array that holds itself', cycle, 'holds itself'],
    ['half a surrogate pair', ['\ud83d', '\ude00'], 'surrogate'],
    [
      'a getter that throws',
      Object.defineProperty({}, 'x', { enumerable: true, get: fail }),
      'an Object',
    ],
  ])('refuses to write %s', (_what, value, named) => {
    expect(encodingErrorOf(() => encode(value)).message).toContain(named)
  })

  it('writes what stands in two places twice, and objects without a prototype', () => {
    const shared = { a: 1 }
    expect(encode([shared, shared])).toBe('a:2:{i:0;a:1:{s:1:"a";i:1;}i:1;a:1:{s:1:"a";i:1;}}')
    expect(encode(Object.assign(Object.create(null), shared))).toBe('a:1:{s:1:"a";i:1;}')
  })

  it('refuses options out of their range', () => {
    for (const options of [
      { strings: 'latin1' },
      { arrays: 'list' },
      { maxDepth: 0 },
      { maxElements: -1 },
      { maxBytes: Number.NaN },
    ]) {
      expect(() => new PhpDataEncoder(options as never)).toThrow(InvalidArgumentError)
    }
  })
})

describe('PhpDataEncoder.decode of something else', () => {
  it.each([
    ['x', 'at byte 0 there must be a value'],
    ['N', 'at byte 1, which is its end there must be ;'],
    ['b:2;', 'at byte 2 there must be 0 or 1'],
    ['i:;', 'at byte 2 there must be a digit'],
    ['i:9223372036854775808;', 'at byte 2 there must be an integer of 64 bits'],
    ['d:1.e;', 'at byte 2 there must be a number'],
    ['d:0x1;', 'at byte 2 there must be a number'],
    ['s:3:"ab";', 'at byte 8 there must be "'],
    ['s:9:"ab";', 'at byte 5 there must be 9 bytes, but only 4 are left'],
    ['s:99999999999999999999:"ab";', 'at byte 2 there must be a shorter number'],
    ['s:-1:"";', 'at byte 2 there must be a digit'],
    ['a:1:{N;N;}', 'at byte 5 there must be a key'],
    ['a:1:{i:0;N;N;}', 'at byte 11 there must be }'],
    ['a:1:{s:1:"\xff";N;}', 'at byte 5 there must be a key in UTF-8'],
    ['O:0:"":0:{}', 'at byte 0 there must be the name of a class'],
    ['E:1:"A";', 'at byte 0 there must be the name of an enumeration, a colon and a case'],
    ['i:1;i:2;', 'at byte 4 there must be the end, but 4 more bytes follow'],
    ['a:1:{i:0;R:9;}', 'at byte 9 there must be the number of a value before it'],
    ['a:1:{i:0;R:1;}', 'at byte 9 there must be no reference to an array from within itself'],
    ['a:2:{i:0;C:1:"A":0:{}i:1;r:2;}', 'behind an object with a format of its own'],
    ['R:1;', 'at byte 0 there must be the number of a value before it'],
    ['a:999999999:{}', 'at byte 0 there must be no more than 10000000 elements'],
  ])('says where and what was wanted: %s', (text, message) => {
    expect(faultOf(text)).toContain(message)
  })

  it('never quotes the payload', () => {
    const error = encodingErrorOf(() => decode('a:1:{s:4:"card";s:4:"4929"'))
    expect(inspect(error, { depth: 9 })).not.toMatch(/4929|card/)
  })

  it('reads as deep as it is told, and refuses what is deeper', () => {
    const nested = (levels: number): string =>
      `${'a:1:{i:0;'.repeat(levels)}N;${'}'.repeat(levels)}`
    expect(() => decode(nested(4096))).not.toThrow()
    expect(faultOf(nested(4097))).toContain('no more than 4096 levels')
    const deep = new PhpDataEncoder({ maxDepth: 1_000_000 })
    const value = decode(nested(200_000), deep)
    expect(Buffer.from(deep.encode(value)).toString()).toBe(nested(200_000))
    expect(encodingErrorOf(() => encoder.encode(value)).message).toContain('4096 levels')
  })

  it('holds to its limits of bytes and elements, both ways', () => {
    const small = new PhpDataEncoder({ maxBytes: 20, maxElements: 2 })
    expect(decode('a:2:{i:0;N;i:1;N;}', small)).toEqual([null, null])
    expect(faultOf('s:20:"12345678901234567890";', small)).toContain('larger than the 20')
    expect(faultOf('a:3:{i:0;N;i:1;N;', small)).toContain('no more than 2 elements')
    expect(encodingErrorOf(() => small.encode([[1], [2]])).message).toContain('2 elements')
    // Each level holds the one below twice: without a limit this would be written 2 ** 60 times.
    let bomb: unknown = 1
    for (let level = 0; level < 60; level += 1) bomb = [bomb, bomb]
    const limited = new PhpDataEncoder({ maxElements: 10_000 })
    expect(encodingErrorOf(() => limited.encode(bomb)).message).toContain('10000 elements')
  })
})

describe('the exceptions of a PhpDataEncoder', () => {
  it('are text that PHP can show', () => {
    const bytes = Buffer.from(encoder.encodeError(new TypeError('too far')))
    expect(bytes.toString()).toBe('TypeError: too far')
  })

  it('are read where PHP serialized what was thrown', () => {
    const thrown = new PhpObject('DomainException', {
      '\0*\0message': 'out of range',
      '\0Exception\0string': '',
      '\0*\0code': 7,
      '\0Exception\0previous': new PhpObject('Error', { '\0*\0message': 'inner', '\0*\0code': 0 }),
    })
    expect(encoder.decodeError(Buffer.from(encoder.encode(thrown)))).toEqual({
      name: 'DomainException',
      message: 'out of range',
      code: 7,
      cause: { name: 'Error', message: 'inner' },
    })
    const other = new PhpObject('A', { message: 'public' })
    expect(encoder.decodeError(Buffer.from(encoder.encode(other)))).toEqual(other)
  })

  it('are decoded to what was serialized, or to the text', () => {
    const decodeError = (text: string): unknown => encoder.decodeError(Buffer.from(text))
    expect(decodeError('a:1:{s:7:"message";s:1:"x";}')).toEqual({ message: 'x' })
    expect(decodeError('Exception: x')).toBe('Exception: x')
    expect(decodeError('a: no such file')).toBe('a: no such file')
    expect(decodeError('')).toBe('')
    expect(() => encoder.decodeError(Buffer.from([0xff]))).toThrow('not UTF-8')
  })
})

function fail(): never {
  throw new Error('in the getter')
}
