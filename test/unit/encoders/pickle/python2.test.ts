/** Pickles that Python 2.7 wrote: see record-python2.py. */
import { describe, expect, it } from 'vitest'
import { PickleDataEncoder } from '../../../../src/encoders/pickle/pickle-data-encoder.ts'
import type { PickleOptions } from '../../../../src/encoders/pickle/pickle-options.ts'
import {
  PyByteArray,
  PyCounter,
  PyDefaultDict,
  PyDeque,
  PyFrozenSet,
  PyGlobal,
  PyOrderedDict,
  PyTuple,
} from '../../../../src/encoders/pickle/python-containers.ts'
import {
  PyDate,
  type PyDateTime,
  PyTime,
  PyTimeDelta,
} from '../../../../src/encoders/pickle/python-dates.ts'
import { PyComplex, PyDecimal, PyUUID } from '../../../../src/encoders/pickle/python-numbers.ts'
import records from './python2-pickles.json' with { type: 'json' }

const point = { x: 1, y: 'two' }
const defaultDict = Object.assign(new PyDefaultDict([['a', [1]]]), {
  factory: new PyGlobal('builtins', 'list'),
})
const deque = Object.assign(PyDeque.from([1, 2]), { maxLength: 5 })

/** What each of them holds; of exceptions, some of it. */
const VALUES: Readonly<Record<string, unknown>> = {
  None: null,
  bools: [true, false],
  ints: [
    0,
    -1,
    255,
    256,
    65535,
    65536,
    2 ** 31 - 1,
    -(2 ** 31),
    2 ** 31,
    2n ** 53n,
    2n ** 63n - 1n,
  ],
  longs: [0, 5, -5, 2 ** 31, 2n ** 64n, -(2n ** 64n), 2n ** 2048n],
  floats: [1.5, -0, 1e300, Number.POSITIVE_INFINITY, Number.NaN],
  str: ['', 'text', 'it\'s "quoted"\\ and\nbroken', 'café'],
  bytes: [Buffer.from([255, 0, 254]), Buffer.alloc(300, 0x80)],
  unicode: ['', 'text', 'café € 😀\\ and\nbroken'],
  tuples: [[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4]].map((all) => PyTuple.from(all)),
  dicts: [
    {},
    { a: 1, b: [2] },
    new Map<unknown, unknown>([
      [1, 'x'],
      ['y', 2],
    ]),
  ],
  sets: [new Set([1]), new PyFrozenSet(['a'])],
  complex: new PyComplex(1, 2),
  bytearray: new PyByteArray([0, 255]),
  date: new PyDate(2015, 11, 27),
  time: new PyTime({ hour: 20, minute: 59, second: 1, microsecond: 4096 }),
  timedelta: new PyTimeDelta(-1, 2, 3),
  Decimal: new PyDecimal('1.10'),
  UUID: new PyUUID('80000000000000000000000000000005'),
  OrderedDict: new PyOrderedDict([
    ['b', 1],
    ['a', 2],
  ]),
  defaultdict: defaultDict,
  Counter: new PyCounter([['a', 2]]),
  deque,
  'an old class': point,
  'a new class': point,
}

function pickles(name: string): Buffer[] {
  const record = records.find((candidate) => candidate.name === name)
  return (record?.pickles ?? []).map((form) => Buffer.from(form, 'base64'))
}

function shop(options?: PickleOptions): PickleDataEncoder {
  const encoder = new PickleDataEncoder(options)
  for (const name of ['Old', 'New']) {
    encoder.registerClass({ module: 'shop', name, decode: () => ({}) })
  }
  return encoder
}

function read(name: string, options?: PickleOptions): unknown[] {
  const values = pickles(name).map((bytes) => shop(options).decode(bytes))
  expect(values.length).toBeGreaterThan(0)
  return values
}

describe('a pickle of Python 2', () => {
  it.each(Object.entries(VALUES))('holds %s', (name, expected) => {
    for (const value of read(name)) expect(value).toStrictEqual(expected)
  })

  it('holds datetimes, whichever way str is read', () => {
    for (const encoding of ['auto', 'latin1', 'bytes'] as const) {
      for (const value of read('datetime', { encoding }) as PyDateTime[]) {
        expect(value.fields).toMatchObject({ year: 2015, month: 11, day: 27, microsecond: 4096 })
        expect(value.toISOString()).toBe('2015-11-27T20:59:01.004Z')
      }
      const texts = read('datetime of UTF-8', { encoding }) as PyDateTime[]
      for (const value of texts) expect(value.fields).toMatchObject({ year: 1, microsecond: 65793 })
    }
  })

  it('holds str as the option encoding says', () => {
    for (const value of read('str', { encoding: 'latin1' }) as string[])
      expect(value[3]).toBe('cafÃ©')
    for (const value of read('str', { encoding: 'bytes' })) {
      expect(value).toEqual(
        ['', 'text', 'it\'s "quoted"\\ and\nbroken', 'café'].map((all) => Buffer.from(all)),
      )
    }
    expect(() => read('bytes', { encoding: 'utf8' })).toThrow("'encoding'")
  })

  it('holds what is shared, and what holds itself', () => {
    for (const value of read('shared') as unknown[][]) expect(value[0]).toBe(value[1])
    for (const value of read('itself') as { self: unknown }[]) expect(value.self).toBe(value)
    for (const value of read('itself in a dict of numbers') as Map<unknown, unknown>[]) {
      expect(value.get(1)).toBe(value)
    }
  })

  it('holds exceptions', () => {
    for (const value of read('an exception')) {
      expect(value).toMatchObject({
        name: 'ValueError',
        module: 'builtins',
        args: ['bad', 7],
        code: 'E1',
      })
    }
    for (const value of read('an exception of ours')) {
      expect(value).toMatchObject({ name: 'ShopError', module: 'shop', message: 'no' })
    }
    for (const value of read('a SystemExit'))
      expect(value).toMatchObject({ name: 'SystemExit', args: [2] })
  })

  it('is of every kind that was recorded', () => {
    const tested = [
      ...Object.keys(VALUES),
      'datetime',
      'datetime of UTF-8',
      'shared',
      'itself',
      'itself in a dict of numbers',
      'an exception',
      'an exception of ours',
      'a SystemExit',
    ]
    expect(records.map(({ name }) => name).sort()).toEqual(tested.sort())
  })
})
