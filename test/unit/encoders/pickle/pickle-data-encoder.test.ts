import { describe, expect, it } from 'vitest'
import { PickleDataEncoder } from '../../../../src/encoders/pickle/pickle-data-encoder.ts'
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
  PyDateTime,
  PyTime,
  PyTimeDelta,
} from '../../../../src/encoders/pickle/python-dates.ts'
import { PythonError } from '../../../../src/encoders/pickle/python-error.ts'
import {
  PyComplex,
  PyDecimal,
  PyFloat,
  PyUUID,
} from '../../../../src/encoders/pickle/python-numbers.ts'
import { PyTimeZone } from '../../../../src/encoders/pickle/python-time-zones.ts'
import { EncodingError, GearmanError, InvalidArgumentError } from '../../../../src/errors.ts'
import { unpicklingError } from './errors-of.ts'

const PROTOCOLS = [0, 1, 2, 3, 4, 5]
const encoder = new PickleDataEncoder()

function roundTrip(value: unknown, protocol = 2): unknown {
  const either = new PickleDataEncoder({ protocol })
  return either.decode(Buffer.from(either.encode(value)))
}

function defaultDict(): PyDefaultDict {
  const dict = new PyDefaultDict([[1, 2]])
  dict.factory = new PyGlobal('builtins', 'list')
  return dict
}

function deque(): PyDeque {
  const value = PyDeque.of<unknown>(1, 2) as PyDeque
  value.maxLength = 5
  return value
}

const paris = PyTimeZone.of('Europe/Paris')

describe.each(PROTOCOLS)('protocol %i', (protocol) => {
  it.each<[what: string, value: unknown]>([
    ['None', null],
    ['bools', [true, false]],
    [
      'ints',
      [0, -1, 255, 256, -129, 65_536, 2 ** 31, -(2 ** 31), 2 ** 53 - 1, 2n ** 53n, -(2n ** 200n)],
    ],
    ['floats', [-0, 0.5, 1e300, Number.NaN, Number.NEGATIVE_INFINITY]],
    ['strings', ['', 'a', 'é€😀', 'x'.repeat(1000), '\ud800', '\ufffd', 'line\nend\\']],
    ['bytes', [Buffer.alloc(0), Buffer.from([0, 255]), Buffer.alloc(300, 1)]],
    ['bytearrays', [new PyByteArray(), new PyByteArray([0, 255])]],
    ['lists and tuples', [[], [[]], new PyTuple(), PyTuple.of(1), PyTuple.of(1, [2], 3, 4)]],
    [
      'dicts',
      [
        {},
        { a: { b: 1 } },
        new Map<unknown, unknown>([
          [1, 'a'],
          [PyTuple.of(1), null],
        ]),
      ],
    ],
    ['sets', [new Set(), new Set([1, 'a']), new PyFrozenSet([new PyFrozenSet([1])])]],
    [
      'numbers of their own',
      [new PyComplex(1, -0), new PyDecimal('1.10'), new PyUUID('f'.repeat(32))],
    ],
    [
      'dates',
      [
        new PyDate(1, 1, 1),
        new PyTime({ hour: 23, microsecond: 1, zone: paris }),
        new PyTimeDelta(-1, 1),
      ],
    ],
    [
      'collections',
      [
        new PyOrderedDict([
          ['b', 1],
          ['a', 2],
        ]),
        defaultDict(),
        new PyCounter([['a', 2]]),
        deque(),
      ],
    ],
    ['names', new PyGlobal('builtins', 'int')],
  ])('brings back %s as they were', (_what, value) => {
    expect(roundTrip(value, protocol)).toStrictEqual(value)
  })

  it('brings back datetimes to the microsecond, with their zone', () => {
    for (const zone of [undefined, PyTimeZone.utc, paris, PyTimeZone.fixed(-5_400_000_001, 'X')]) {
      const fields = {
        year: 2024,
        month: 10,
        day: 27,
        hour: 2,
        minute: 30,
        microsecond: 123_456,
        zone,
      }
      const back = roundTrip(new PyDateTime({ ...fields, fold: 1 }), protocol) as PyDateTime
      expect(back.fields).toEqual({ ...fields, second: 0, fold: 1 })
    }
  })
})

describe('a PickleDataEncoder', () => {
  it('writes protocol 2, unless told otherwise', () => {
    expect(encoder.encode(null)).toEqual(Buffer.from('\x80\x02N.', 'latin1'))
    expect(new PickleDataEncoder({ protocol: 5 }).encode(null)).toEqual(
      Buffer.from('\x80\x05N.', 'latin1'),
    )
  })

  it('takes undefined for None', () => {
    expect(roundTrip([undefined, { a: undefined }])).toEqual([null, { a: null }])
  })

  it('reads whole floats as numbers like others, and writes them as told', () => {
    expect(roundTrip(new PyFloat(1))).toBe(1)
    expect(roundTrip(new PyFloat(1.5))).toBe(1.5)
  })

  it('writes a Date in UTC', () => {
    const now = new Date(1_700_000_000_123)
    const back = roundTrip(now) as PyDateTime
    expect(back).toBeInstanceOf(Date)
    expect(back.getTime()).toBe(now.getTime())
    expect(back.zone).toBe(PyTimeZone.utc)
  })

  it('gives bytes that later pickles do not change', () => {
    const first = encoder.encode('first')
    encoder.encode('other')
    expect(encoder.decode(Buffer.from(first))).toBe('first')
  })

  it('refuses an empty payload: None is not nothing', () => {
    expect(unpicklingError(() => encoder.decode(Buffer.alloc(0))).message).toContain('no STOP')
  })

  it('carries its types', () => {
    const typed = new PickleDataEncoder<{ word: string }, { count: number }>()
    expect(typed.encode({ word: 'x' }).length).toBeGreaterThan(0)
    const { count }: { count: number } = typed.decode(Buffer.from('}Vcount\nI3\ns.'))
    expect(count).toBe(3)
  })

  it.each([
    ['a protocol that there is not', { protocol: 6 }],
    ['a protocol that is no number', { protocol: '2' }],
    ['another form of dicts', { dicts: 'object' }],
    ['another encoding', { encoding: 'ascii' }],
    ['a limit of nothing', { limits: { maxDepth: 0 } }],
    ['a limit that is no number', { limits: { maxBytes: '1' } }],
    ['a name for a function', { isException: 'Error' }],
  ])('refuses %s', (_what, options) => {
    expect(() => new PickleDataEncoder(options as never)).toThrow(InvalidArgumentError)
  })
})

describe('exceptions', () => {
  const decodeError = (text: string, from = encoder): unknown =>
    from.decodeError(Buffer.from(text, 'latin1'))
  const travelled = (thrown: unknown): unknown =>
    encoder.decodeError(Buffer.from(encoder.encodeError(thrown)))

  it('of Python are errors with class, args and attributes', () => {
    const error = decodeError('cexceptions\nKeyError\n(Vno such\nI7\ntR}Vcode\nVE1\nsb.')
    expect(error).toBeInstanceOf(PythonError)
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({
      name: 'KeyError',
      className: 'KeyError',
      module: 'builtins',
      args: ['no such', 7],
      message: '("no such", 7)',
      code: 'E1',
      attributes: { code: 'E1' },
    })
  })

  it.each([
    ['no args', 'tR.', ''],
    ['one', 'Vtoo bad\ntR.', 'too bad'],
    ['one that is no text', 'I5\ntR.', '5'],
    [
      'a number and a text, as OSError',
      'I2\nVNo such file\nVx.txt\ntR.',
      '[Errno 2] No such file: "x.txt"',
    ],
    ['large ones', '(lI1\ntR.', '(an array of 0, 1)'],
  ])('say what str() says: %s', (_what, args, message) => {
    expect((decodeError(`cbuiltins\nOSError\n(${args}`) as Error).message).toBe(message)
  })

  it('of other modules are known by how they are named, or as the option says', () => {
    expect(decodeError('cshop.errors\nPaymentError\n(Vno\ntR.')).toMatchObject({
      name: 'PaymentError',
      module: 'shop.errors',
      message: 'no',
    })
    expect(unpicklingError(() => decodeError('cshop\nPayment\n(Vno\ntR.')).global).toBe(
      'shop.Payment',
    )
    const lenient = new PickleDataEncoder({ isException: (module) => module === 'shop' })
    expect(decodeError('cshop\nPayment\n(Vno\ntR.', lenient)).toMatchObject({ name: 'Payment' })
  })

  it('of JavaScript come back with name, code and causes', () => {
    const cause = new TypeError('inner')
    const thrown = Object.assign(new RangeError('outer', { cause }), { code: 'ERR_FAR' })
    expect(travelled(thrown)).toMatchObject({
      name: 'RangeError',
      className: 'ValueError',
      message: 'outer',
      code: 'ERR_FAR',
      cause: { name: 'TypeError', message: 'inner' },
    })
    expect(travelled(new EncodingError('bad'))).toMatchObject({
      name: 'EncodingError',
      className: 'Exception',
      message: 'bad',
      code: 'ERR_GEARMAN_ENCODING',
    })
  })

  it('are made of whatever was thrown, without throwing', () => {
    expect(travelled('boom')).toMatchObject({ name: 'Error', message: 'boom' })
    expect(travelled(undefined)).toMatchObject({ message: 'undefined' })
    const first: Error & { cause?: unknown } = new Error('first')
    first.cause = first
    expect(travelled(first)).toMatchObject({ message: 'first' })
    const odd = new PythonError('ValueError', { args: [() => 1] })
    expect(travelled(odd)).toMatchObject({ message: odd.message })
  })

  it('of Python go on as they were, if every Python has their class', () => {
    expect(travelled(new PythonError('KeyError', { args: ['a', 1] }))).toMatchObject({
      name: 'KeyError',
      args: ['a', 1],
    })
    const own = new PythonError('PaymentError', { module: 'shop', args: ['no'] })
    expect(travelled(own)).toMatchObject({
      name: 'PaymentError',
      className: 'Exception',
      args: ['no'],
    })
    expect(roundTrip(own)).toMatchObject({ name: 'PaymentError', module: 'shop', args: ['no'] })
  })

  it('among the data are exceptions, too', () => {
    expect(roundTrip([new TypeError('x')])).toMatchObject([{ name: 'TypeError', message: 'x' }])
  })

  it('that are text stay text, what is neither is refused', () => {
    expect(decodeError('Fatal error: out of memory')).toBe('Fatal error: out of memory')
    expect(decodeError('')).toBe('')
    expect(decodeError('VTraceback ...\n.')).toBe('Traceback ...')
    expect(() => decodeError('\xff\xfe')).toThrow(EncodingError)
    expect(unpicklingError(() => decodeError('cos\nsystem\n(Vid\ntR.')).global).toBe('os.system')
  })

  it('are GearmanErrors when a pickle is refused', () => {
    expect(GearmanError.is(unpicklingError(() => encoder.decode(Buffer.from('x'))))).toBe(true)
  })
})
