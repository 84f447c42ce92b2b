import { describe, expect, it } from 'vitest'
import { PickleDataEncoder } from '../../../../src/encoders/pickle/pickle-data-encoder.ts'
import {
  PyByteArray,
  PyFrozenSet,
  PyTuple,
} from '../../../../src/encoders/pickle/python-containers.ts'
import { unpicklingError } from './errors-of.ts'

const encoder = new PickleDataEncoder()

/** Latin-1 text, in which a pickle can be typed. */
function load(text: string, from: PickleDataEncoder = encoder): unknown {
  return from.decode(Buffer.from(text, 'latin1'))
}

describe('what a pickle holds', () => {
  it.each<[what: string, pickle: string, value: unknown]>([
    ['None', 'N.', null],
    ['True and False of protocol 2', '\x80\x02\x88\x89\x86.', PyTuple.of(true, false)],
    ['True and False of protocol 0', '(I01\nI00\nl.', [true, false]],
    ['INT', 'I-17\n.', -17],
    ['INT beyond 32 bits', 'I2147483648\n.', 2147483648],
    ['LONG', 'L123L\n.', 123],
    ['LONG without its letter', 'L-123\n.', -123],
    ['LONG beyond the safe integers', 'L9007199254740993L\n.', 9007199254740993n],
    ['BININT', 'J\xff\xff\xff\xff.', -1],
    ['BININT1', 'K\xff.', 255],
    ['BININT2', 'M\xff\xff.', 65535],
    ['LONG1 of nothing', '\x80\x02\x8a\x00.', 0],
    ['LONG1', '\x80\x02\x8a\x05\x00\x00\x00\x80\x00.', 2147483648],
    ['LONG1, negative', '\x80\x02\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80.', -(2n ** 63n)],
    ['LONG4', '\x80\x02\x8b\x01\x00\x00\x00\xff.', -1],
    ['the largest safe integer', '\x80\x02\x8a\x07\xff\xff\xff\xff\xff\xff\x1f.', 2 ** 53 - 1],
    ['the first that is not', '\x80\x02\x8a\x07\x00\x00\x00\x00\x00\x00\x20.', 2n ** 53n],
    ['FLOAT', 'F-1.25e2\n.', -125],
    ['FLOAT, infinite', 'F-inf\n.', Number.NEGATIVE_INFINITY],
    ['BINFLOAT', 'G\x3f\xf8\x00\x00\x00\x00\x00\x00.', 1.5],
    ['UNICODE', 'Va\\u005cb\\u20ac\\U0001f600\xff\n.', 'a\\b€😀ÿ'],
    ['BINUNICODE', 'X\x05\x00\x00\x00a\xe2\x82\xacb.', 'a€b'],
    ['SHORT_BINUNICODE', '\x8c\x04\xf0\x9f\x98\x80.', '😀'],
    ['BINUNICODE8', '\x8d\x01\x00\x00\x00\x00\x00\x00\x00a.', 'a'],
    ['half a surrogate pair', 'X\x04\x00\x00\x00a\xed\xa0\x80.', 'a\ud800'],
    ['a character that stands for a fault', 'X\x03\x00\x00\x00\xef\xbf\xbd.', '\ufffd'],
    ['BINBYTES', 'B\x02\x00\x00\x00\x00\xff.', Buffer.from([0, 255])],
    ['SHORT_BINBYTES', 'C\x01\xff.', Buffer.from([255])],
    ['BINBYTES8', '\x8e\x01\x00\x00\x00\x00\x00\x00\x00\xff.', Buffer.from([255])],
    ['BYTEARRAY8', '\x96\x01\x00\x00\x00\x00\x00\x00\x00\xff.', new PyByteArray([255])],
    ['LIST', '(K\x01K\x02l.', [1, 2]],
    ['APPEND', ']K\x01a.', [1]],
    ['APPENDS', '](K\x01K\x02e.', [1, 2]],
    ['TUPLE', '(K\x01K\x02t.', PyTuple.of(1, 2)],
    ['EMPTY_TUPLE', ').', new PyTuple()],
    ['TUPLE1', 'K\x05\x85.', PyTuple.of(5)],
    ['TUPLE3', 'K\x01K\x02K\x03\x87.', PyTuple.of(1, 2, 3)],
    ['DICT', '(K\x01K\x02d.', new Map([[1, 2]])],
    ['DICT with names', '(Va\nK\x02d.', { a: 2 }],
    ['SETITEM', '}Va\nK\x02s.', { a: 2 }],
    ['SETITEMS', '}(Va\nK\x02Vb\nNu.', { a: 2, b: null }],
    ['ADDITEMS', '\x8f(K\x01K\x01\x90.', new Set([1])],
    ['FROZENSET', '(K\x01\x91.', new PyFrozenSet([1])],
    ['POP', 'K\x01K\x020.', 1],
    ['POP of a mark', 'K\x01(0.', 1],
    ['POP_MARK', 'K\x01(K\x02K\x031.', 1],
    ['DUP', ']2\x86.', PyTuple.of([], [])],
    ['PUT and GET', '(Va\np7\ng7\nl.', ['a', 'a']],
    ['BINPUT and BINGET', '(Va\nq\x07h\x07l.', ['a', 'a']],
    ['LONG_BINPUT and LONG_BINGET', '(Va\nr\x07\x01\x00\x00j\x07\x01\x00\x00l.', ['a', 'a']],
    ['MEMOIZE', '(Va\n\x94h\x00l.', ['a', 'a']],
    ['FRAME', '\x80\x04\x95\x02\x00\x00\x00\x00\x00\x00\x00N..', null],
    ['what follows STOP, which nobody reads', 'N.rest', null],
  ])('%s', (_what, pickle, value) => {
    expect(load(pickle)).toStrictEqual(value)
  })

  it('is apart from the memory that it came in', () => {
    const chunk = Buffer.alloc(100_000, 0x41)
    Buffer.from('C\x04abcd.', 'latin1').copy(chunk, 50_000)
    const value = encoder.decode(chunk.subarray(50_000, 50_007)) as Buffer
    expect(value.toString()).toBe('abcd')
    expect(value.buffer.byteLength).toBeLessThan(chunk.length)
  })

  it('is read from any Uint8Array', () => {
    expect(encoder.decode(new Uint8Array([0x4e, 0x2e]) as Buffer)).toBeNull()
  })
})

describe('dicts', () => {
  it('are objects only if all keys are strings', () => {
    expect(load('}(Va\nK\x01K\x02K\x03u.')).toStrictEqual(
      new Map<unknown, unknown>([
        ['a', 1],
        [2, 3],
      ]),
    )
    expect(load('}.')).toStrictEqual({})
  })

  it('become a Map when the first key that is no string comes late', () => {
    const value = load('}q\x00(Va\nK\x01u(K\x02h\x00u.') as Map<unknown, unknown>
    expect([...value.keys()]).toEqual(['a', 2])
    expect(value.get(2)).toBe(value)
  })

  it('are one Map also where they were in use as an object before', () => {
    // d = {}; d['self'] = d; d[1] = [d]
    const value = load('}q\x00Vself\nh\x00sK\x01]h\x00as.') as Map<unknown, unknown>
    expect(value).toBeInstanceOf(Map)
    expect(value.get('self')).toBe(value)
    expect(value.get(1)).toEqual([value])
  })

  it('are refused when that cannot be told', () => {
    expect(unpicklingError(() => load('}2q\x00Vself\nh\x00sK\x01h\x00s.')).message).toContain(
      'holds itself',
    )
  })

  it('are always Maps when that is asked for', () => {
    const maps = new PickleDataEncoder({ dicts: 'map' })
    expect(load('}(Va\nK\x01u.', maps)).toStrictEqual(new Map([['a', 1]]))
    expect(load('}.', maps)).toStrictEqual(new Map())
  })

  it('keep a key __proto__, and nothing changes its prototype', () => {
    const value = load('}(V__proto__\n}Vpolluted\nI01\nsVconstructor\nNu.') as object
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor'])
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })
})

describe('what is shared', () => {
  it('stays shared', () => {
    const [first, second] = load(']q\x00(]q\x01h\x01e.') as [unknown[], unknown[]]
    expect(first).toBe(second)
  })

  it('may hold itself', () => {
    const list = load(']q\x00h\x00a.') as unknown[]
    expect(list[0]).toBe(list)
    const tuple = load('(]q\x00(h\x00tq\x01ah\x010h\x00.') as unknown[][]
    expect(tuple[0]?.[0]).toBe(tuple)
  })
})

describe('the str of Python 2', () => {
  const text = "S'caf\\xc3\\xa9 \\'\\n\\101'\n."
  const bytes = 'U\x02\xff\xfe.'

  it('is text where it is UTF-8, else bytes', () => {
    expect(load(text)).toBe("café '\nA")
    expect(load(bytes)).toEqual(Buffer.from([0xff, 0xfe]))
    expect(load('T\x03\x00\x00\x00abc.')).toBe('abc')
  })

  it('is what the option encoding says', () => {
    expect(load(bytes, new PickleDataEncoder({ encoding: 'latin1' }))).toBe('ÿþ')
    expect(load(text, new PickleDataEncoder({ encoding: 'bytes' }))).toEqual(
      Buffer.from("café '\nA"),
    )
    const strict = new PickleDataEncoder({ encoding: 'utf8' })
    expect(load(text, strict)).toBe("café '\nA")
    const error = unpicklingError(() => load(bytes, strict))
    expect(error.message).toContain("'encoding'")
    expect(error).toMatchObject({ opcode: 'SHORT_BINSTRING', offset: 0 })
  })
})

describe('what is no pickle', () => {
  it.each<[what: string, pickle: string, opcode: string, offset: number, says: string]>([
    ['nothing', '', 'the end', 0, 'no STOP'],
    ['no STOP', 'N', 'the end', 1, 'no STOP'],
    ['no value', '.', 'STOP', 0, 'nothing on the stack'],
    ['an unknown opcode', 'N\xfe.', 'byte 0xfe', 1, 'no opcode'],
    ['a later protocol', '\x80\x06N.', 'PROTO', 0, 'protocol 6'],
    [
      'a frame that is cut off',
      '\x80\x04\x95\x09\x00\x00\x00\x00\x00\x00\x00N.',
      'FRAME',
      2,
      '9 bytes',
    ],
    ['a string that is cut off', 'X\x05\x00\x00\x00ab', 'BINUNICODE', 0, '5 bytes, and 2 are left'],
    [
      'a string longer than memory',
      '\x8d\x00\x00\x00\x00\x00\x00\x00\x80.',
      'BINUNICODE8',
      0,
      'are left',
    ],
    ['a negative length', 'T\xff\xff\xff\xff.', 'BINSTRING', 0, 'negative'],
    ['a negative length of a number', '\x8b\xff\xff\xff\xff.', 'LONG4', 0, 'negative'],
    ['a line without an end', 'I12', 'INT', 0, 'no end'],
    ['letters for a number', 'I12x\n.', 'INT', 0, 'no whole number'],
    ['letters for a float', 'F1.2.3\n.', 'FLOAT', 0, 'no number'],
    ['a string without quotes', 'Sabc\n.', 'STRING', 0, 'no quoted string'],
    ['a character beyond Unicode', 'V\\U00110000\n.', 'UNICODE', 0, 'none'],
    ['UTF-8 that is none', 'X\x02\x00\x00\x00a\xff.', 'BINUNICODE', 0, 'offset 6 is not UTF-8'],
    ['UTF-8 that is too long', 'X\x02\x00\x00\x00\xc0\x80.', 'BINUNICODE', 0, 'not UTF-8'],
    ['UTF-8 that is cut off', 'X\x02\x00\x00\x00\xe2\x82.', 'BINUNICODE', 0, 'not UTF-8'],
    ['a memo without the entry', 'h\x05.', 'BINGET', 0, 'no entry 5'],
    ['a place that is no number', 'Np-1\n.', 'PUT', 1, 'no place'],
    ['APPENDS without a mark', ']K\x01e.', 'APPENDS', 3, 'no MARK'],
    ['APPENDS without a list', '(K\x01e.', 'APPENDS', 3, 'nothing on the stack to be filled'],
    ['APPENDS to a number', 'K\x01(K\x02e.', 'APPENDS', 5, 'no list'],
    ['APPEND to a tuple', ')K\x01a.', 'APPEND', 3, 'no list'],
    ['a list below the mark', ']((K\x01e.', 'APPENDS', 5, 'nothing on the stack to be filled'],
    ['a key without a value', '}(K\x01u.', 'SETITEMS', 4, 'no value'],
    ['SETITEM of a list', ']K\x01K\x02s.', 'SETITEM', 5, 'no dict'],
    ['ADDITEMS to a list', '](K\x01\x90.', 'ADDITEMS', 4, 'no set'],
    ['TUPLE2 of one', 'K\x01\x86.', 'TUPLE2', 2, '2 values'],
    ['POP of nothing', '0.', 'POP', 0, 'nothing on the stack'],
    ['a persistent id', 'K\x01Q.', 'BINPERSID', 2, 'outside the pickle'],
    ['a persistent id, as text', 'Pabc\n.', 'PERSID', 0, 'outside the pickle'],
    ['a buffer out of band', '\x80\x05\x97.', 'NEXT_BUFFER', 2, 'buffer_callback'],
    ['a read-only buffer', '\x80\x05N\x98.', 'READONLY_BUFFER', 3, 'buffer_callback'],
  ])('is refused: %s', (_what, pickle, opcode, offset, says) => {
    const error = unpicklingError(() => load(pickle))
    expect(error.message).toContain(says)
    expect(error).toMatchObject({ code: 'ERR_GEARMAN_ENCODING', opcode, offset })
  })
})
