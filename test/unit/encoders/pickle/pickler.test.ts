import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { PickleDataEncoder } from '../../../../src/encoders/pickle/pickle-data-encoder.ts'
import {
  PyByteArray,
  PyCounter,
  PyDeque,
  PyFrozenSet,
  PyGlobal,
  PyOrderedDict,
  PyTuple,
} from '../../../../src/encoders/pickle/python-containers.ts'
import { PyFloat } from '../../../../src/encoders/pickle/python-numbers.ts'
import { picklingError } from './errors-of.ts'

function dump(value: unknown, protocol = 2): string {
  return Buffer.from(new PickleDataEncoder({ protocol }).encode(value)).toString('latin1')
}

describe('the opcodes of a pickle', () => {
  it.each<[what: string, protocol: number, value: unknown, pickle: string]>([
    ['None', 2, null, '\x80\x02N.'],
    ['undefined, as None', 2, undefined, '\x80\x02N.'],
    ['True', 2, true, '\x80\x02\x88.'],
    ['False of protocol 1', 1, false, 'I00\n.'],
    ['a small number', 2, 255, '\x80\x02K\xff.'],
    ['one of two bytes', 2, 256, '\x80\x02M\x00\x01.'],
    ['one of four bytes', 2, -1, '\x80\x02J\xff\xff\xff\xff.'],
    ['the largest of four bytes', 1, 2 ** 31 - 1, 'J\xff\xff\xff\x7f.'],
    ['one beyond four bytes', 2, 2 ** 31, '\x80\x02\x8a\x05\x00\x00\x00\x80\x00.'],
    ['a negative one beyond', 2, -(2 ** 31) - 1, '\x80\x02\x8a\x05\xff\xff\xff\x7f\xff.'],
    ['the same in protocol 1', 1, 2 ** 31, 'L2147483648L\n.'],
    ['a number in protocol 0', 0, -5, 'I-5\n.'],
    ['a bigint of one byte', 2, 200n, '\x80\x02K\xc8.'],
    [
      'a bigint of eight bytes',
      2,
      -(2n ** 63n),
      '\x80\x02\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80.',
    ],
    [
      'a bigint of 256 bytes',
      2,
      2n ** 2040n,
      `\x80\x02\x8b\x00\x01\x00\x00${'\0'.repeat(255)}\x01.`,
    ],
    ['a fraction', 2, 1.5, '\x80\x02G\x3f\xf8\x00\x00\x00\x00\x00\x00.'],
    ['a number beyond the safe integers', 2, 2 ** 53, '\x80\x02G\x43\x40\x00\x00\x00\x00\x00\x00.'],
    ['minus zero', 2, -0, '\x80\x02G\x80\x00\x00\x00\x00\x00\x00\x00.'],
    ['minus zero in protocol 0', 0, -0, 'F-0.0\n.'],
    ['infinity in protocol 0', 0, Number.NEGATIVE_INFINITY, 'F-inf\n.'],
    ['a whole number as float', 2, new PyFloat(1), '\x80\x02G\x3f\xf0\x00\x00\x00\x00\x00\x00.'],
    ['text', 2, 'a€', '\x80\x02X\x04\x00\x00\x00a\xe2\x82\xac.'],
    ['text of protocol 4', 4, 'a', '\x80\x04\x8c\x01a.'],
    ['text of protocol 0', 0, 'a\\\n€😀ÿ', 'Va\\u005c\\u000a\\u20ac\\U0001f600\xff\n.'],
    ['half a surrogate pair', 2, 'a\udc00', '\x80\x02X\x04\x00\x00\x00a\xed\xb0\x80.'],
    ['long text', 4, 'x'.repeat(256), `\x80\x04X\x00\x01\x00\x00${'x'.repeat(256)}.`],
    ['bytes', 3, Buffer.from([255]), '\x80\x03C\x01\xffq\x00.'],
    [
      'bytes of protocol 2',
      2,
      Buffer.from([255]),
      '\x80\x02c_codecs\nencode\nq\x00X\x02\x00\x00\x00\xc3\xbfX\x06\x00\x00\x00latin1\x86Rq\x01.',
    ],
    ['no bytes in protocol 2', 2, new Uint8Array(), '\x80\x02c__builtin__\nbytes\nq\x00)Rq\x01.'],
    [
      'a bytearray',
      5,
      new PyByteArray([1]),
      '\x80\x05\x96\x01\x00\x00\x00\x00\x00\x00\x00\x01\x94.',
    ],
    ['a list', 2, [1, null], '\x80\x02]q\x00(K\x01Ne.'],
    ['a list of protocol 0', 0, [1, []], '(lp0\nI1\na(lp1\na.'],
    ['an empty list', 4, [], '\x80\x04]\x94.'],
    ['a hole', 2, new Array(1), '\x80\x02]q\x00(Ne.'],
    ['a tuple', 2, PyTuple.of(1, 2), '\x80\x02K\x01K\x02\x86q\x00.'],
    ['a tuple of four', 2, PyTuple.of(1, 2, 3, 4), '\x80\x02(K\x01K\x02K\x03K\x04tq\x00.'],
    [
      'an object, its keys once only',
      4,
      [{ k: 1 }, { k: 2 }],
      '\x80\x04]\x94(}\x94(\x8c\x01k\x94K\x01u}\x94(h\x02K\x02ue.',
    ],
    ['a Map', 2, new Map([[1, 2]]), '\x80\x02}q\x00(K\x01K\x02u.'],
    ['a set', 4, new Set([1]), '\x80\x04\x8f\x94(K\x01\x90.'],
    [
      'a set of protocol 2',
      2,
      new Set([1]),
      '\x80\x02c__builtin__\nset\nq\x00]q\x01(K\x01e\x85Rq\x02.',
    ],
    ['a frozenset', 4, new PyFrozenSet([1]), '\x80\x04(K\x01\x91\x94.'],
    [
      'a class, in names of Python 2',
      2,
      new PyGlobal('builtins', 'list'),
      '\x80\x02c__builtin__\nlist\nq\x00.',
    ],
    [
      'a class, in names of Python 3',
      3,
      new PyGlobal('builtins', 'list'),
      '\x80\x03cbuiltins\nlist\nq\x00.',
    ],
    [
      'a class of protocol 4',
      4,
      new PyGlobal('m', 'A.B'),
      '\x80\x04\x8c\x01m\x94\x8c\x03A.B\x94\x93\x94.',
    ],
  ])('%s', (_what, protocol, value, pickle) => {
    expect(dump(value, protocol)).toBe(pickle)
  })

  it('are the same after a larger pickle, and after one that failed', () => {
    const encoder = new PickleDataEncoder()
    const first = Buffer.from(encoder.encode([1, 'a'])).toString('latin1')
    encoder.encode('x'.repeat(3_000_000))
    expect(() => encoder.encode([[() => 1]])).toThrow()
    expect(Buffer.from(encoder.encode([1, 'a'])).toString('latin1')).toBe(first)
  })
})

describe('what is shared', () => {
  it.each([0, 1, 2, 3, 4, 5])('stays shared, and may hold itself, in protocol %i', (protocol) => {
    const encoder = new PickleDataEncoder({ protocol })
    const roundTrip = <T>(value: T): T => encoder.decode(Buffer.from(encoder.encode(value))) as T

    const shared = { name: 'shared' }
    const pair = roundTrip([shared, shared, new PyOrderedDict([['a', shared]])])
    expect(pair[1]).toBe(pair[0])
    expect((pair[2] as PyOrderedDict).get('a')).toBe(pair[0])

    const list: unknown[] = []
    list.push(list, new Map([[1, list]]), { up: list })
    const back = roundTrip(list) as [unknown, Map<number, unknown>, { up: unknown }]
    expect(back[0]).toBe(back)
    expect(back[1].get(1)).toBe(back)
    expect(back[2].up).toBe(back)

    const tuple: PyTuple<unknown[]> = PyTuple.of([])
    tuple[0]?.push(tuple, tuple)
    const again = roundTrip(tuple)
    expect(again[0]?.[0]).toBe(again)
    expect(again[0]?.[1]).toBe(again)
  })

  it('cannot begin when it holds itself and nothing between can change', () => {
    const tuple = new PyTuple()
    tuple.push(PyTuple.of(tuple))
    expect(picklingError(() => dump(tuple)).message).toContain('holds itself')
    const frozen = new PyFrozenSet()
    frozen.add(PyTuple.of(frozen))
    expect(picklingError(() => dump(frozen, 4)).message).toContain('holds itself')
  })

  it.each([0, 2, 4])('goes as deep as it likes, in protocol %i', (protocol) => {
    const levels = 60_000
    const wrap: readonly ((value: unknown) => unknown)[] = [
      (value) => [value],
      (value) => ({ v: value }),
      (value) => PyTuple.of(value),
    ]
    let value: unknown = []
    for (let level = 0; level < levels; level += 1) value = wrap[level % wrap.length]?.(value)
    const encoder = new PickleDataEncoder({ protocol, limits: { maxDepth: levels + 1 } })
    let back = encoder.decode(Buffer.from(encoder.encode(value)))
    let depth = -1
    for (; back instanceof Object; back = Object.values(back)[0]) depth += 1
    expect(depth).toBe(levels)
  })
})

describe('what has no form in a pickle', () => {
  class Order {}
  const getter = {
    get total(): number {
      throw new RangeError('no total')
    },
  }
  it.each<[what: string, value: unknown, path: string, says: string]>([
    ['a function', () => 1, '$', 'a function'],
    ['a symbol', { a: [Symbol('s')] }, '$.a[0]', 'a symbol'],
    ['an instance', { orders: [null, new Order()] }, '$.orders[1]', 'an Order has no form'],
    ['an invalid Date', [new Date(Number.NaN)], '$[0]', 'invalid'],
    ['a Date before Python', new Date(-1e14), '$', 'years 1 to 9999'],
    ['a RegExp', new Map([['a b', /x/]]), '$["a b"]', 'a RegExp'],
    ['a Promise', new Map([[5, Promise.resolve()]]), '$[5]', 'a Promise'],
    ['a typed array that is not of bytes', PyTuple.of(new Uint16Array(1)), '$[0]', 'a Uint16Array'],
    ['a getter that throws', [getter], '$[0]', 'no total'],
    ['a list as a key', new Map([[[1], 2]]), '$.keys()', 'an array of 1 cannot be a key'],
    ['an object in a set', new Set([{}]), '$', 'an Object cannot be a key'],
    ['a list in a tuple in a set', new Set([PyTuple.of([1])]), '$', 'cannot be a key'],
    ['a set in a set', new Set([new Set()]), '$', 'a Set cannot be a key'],
    ['a bytearray as a key', new Map([[new PyByteArray(), 1]]), '$.keys()', 'a PyByteArray'],
    ['a deque in a frozenset', new PyFrozenSet([new PyDeque()]), '$', 'cannot be a key'],
    ['a counter as a key', new Map([[new PyCounter(), 1]]), '$.keys()', 'a PyCounter'],
  ])('is refused: %s', (_what, value, path, says) => {
    for (const protocol of [0, 2, 4, 5]) {
      const error = picklingError(() => dump(value, protocol))
      expect(error.message).toContain(says)
      expect(error.path.startsWith(path)).toBe(true)
      expect(error.code).toBe('ERR_GEARMAN_ENCODING')
    }
  })

  it('is told with a path that stays short', () => {
    let value: unknown = [() => 1]
    for (let level = 0; level < 10_000; level += 1) value = [value]
    expect(picklingError(() => dump(value)).path.length).toBeLessThan(100)
  })

  it('is told with its cause', () => {
    expect(picklingError(() => dump(getter)).cause).toBeInstanceOf(RangeError)
  })
})

describe('objects of other kinds', () => {
  it('are dicts without a prototype, and from another realm', () => {
    const bare = Object.assign(Object.create(null), { a: 1 })
    expect(dump(bare)).toBe(dump({ a: 1 }))
    expect(dump(runInNewContext('({ a: 1 })'))).toBe(dump({ a: 1 }))
    expect(dump(runInNewContext('[1]'))).toBe(dump([1]))
  })

  it('keep a key __proto__', () => {
    expect(dump(JSON.parse('{"__proto__":1}'))).toContain('__proto__')
  })
})
