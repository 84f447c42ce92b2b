import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { OP } from '../../src/encoders/pickle/opcodes.ts'
import { PickleDataEncoder } from '../../src/encoders/pickle/pickle-data-encoder.ts'
import {
  PyByteArray,
  PyCounter,
  PyDeque,
  PyFrozenSet,
  PyOrderedDict,
  PyTuple,
} from '../../src/encoders/pickle/python-containers.ts'
import { PyDate, PyDateTime, PyTimeDelta } from '../../src/encoders/pickle/python-dates.ts'
import { PyComplex, PyDecimal, PyUUID } from '../../src/encoders/pickle/python-numbers.ts'
import { PyTimeZone } from '../../src/encoders/pickle/python-time-zones.ts'
import { EncodingError, UnpicklingError } from '../../src/errors.ts'

/** Many runs are work for seconds where nothing else runs: a busy machine is slow, not broken. */
vi.setConfig({ testTimeout: 300_000 })

const LIMITS = { maxDepth: 50, maxElements: 20_000, maxMemo: 1000 }
/** More: GEARMAN_TEST_FUZZ_RUNS. */
const RUNS = { numRuns: Number(process.env['GEARMAN_TEST_FUZZ_RUNS'] ?? 3000) }
const protocols = fc.integer({ min: 0, max: 5 })

const text = fc.string({ unit: 'binary', maxLength: 80 })
const int = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer({ min: -70_000, max: 70_000 }),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 300n }),
  fc.bigInt({ min: -(2n ** 300n), max: -(2n ** 53n) }),
)
const date = fc.record({
  year: fc.integer({ min: 2, max: 9998 }),
  month: fc.integer({ min: 1, max: 12 }),
  day: fc.integer({ min: 1, max: 28 }),
})
const time = fc.record({
  hour: fc.nat(23),
  minute: fc.nat(59),
  second: fc.nat(59),
  microsecond: fc.nat(999_999),
})
const zone = fc.oneof(
  fc.constant(undefined),
  fc.constant(PyTimeZone.utc),
  fc.integer({ min: -86_399_999_999, max: 86_399_999_999 }).map((at) => PyTimeZone.fixed(at, 'z')),
)
const hashable = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    text,
    int,
    fc.uint8Array({ maxLength: 10 }).map((bytes) => Buffer.from(bytes)),
    fc.array(tie('value'), { maxLength: 3 }).map((all) => PyTuple.from(all)),
    fc.array(tie('value'), { maxLength: 3 }).map((all) => new PyFrozenSet(all)),
  ),
})).value
const scalar = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, -0),
  int,
  text,
  fc.double(),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.uint8Array({ maxLength: 30 }).map((bytes) => new PyByteArray(bytes)),
  fc.tuple(fc.double(), fc.double()).map(([real, imag]) => new PyComplex(real, imag)),
  fc.tuple(int, fc.nat(999)).map(([whole, part]) => new PyDecimal(`${whole}.${part}`)),
  fc
    .bigInt({ min: 0n, max: 2n ** 128n - 1n })
    .map((at) => new PyUUID(at.toString(16).padStart(32, '0'))),
  date.map(({ year, month, day }) => new PyDate(year, month, day)),
  fc
    .tuple(fc.integer(), fc.integer(), fc.integer())
    .map(([d, s, u]) => new PyTimeDelta(d % 1e8, s, u)),
  fc
    .tuple(date, time, zone, fc.constantFrom<0 | 1>(0, 1))
    .map(([day, clock, at, fold]) => new PyDateTime({ ...day, ...clock, zone: at, fold })),
)
const value = fc.letrec<{ value: unknown }>((tie) => {
  const some = fc.array(tie('value'), { maxLength: 5 })
  const entries = fc.array(fc.tuple(hashable, tie('value')), { maxLength: 5 })
  return {
    value: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      scalar,
      some,
      some.map((all) => PyTuple.from(all)),
      some.map((all) => PyDeque.from(all)),
      fc.dictionary(text, tie('value'), { maxKeys: 5, noNullPrototype: true }),
      entries.map((all) => new Map<unknown, unknown>([[1, 'no object'], ...all])),
      entries.map((all) => new PyOrderedDict(all)),
      fc.array(fc.tuple(hashable, fc.nat())).map((all) => new PyCounter(all)),
      fc.array(hashable, { maxLength: 5 }).map((all) => new Set(all)),
      fc.array(hashable, { maxLength: 5 }).map((all) => new PyFrozenSet(all)),
    ),
  }
}).value

/** A mutation of some bytes: others in their place, more of them, or fewer. */
const opcode = fc.constantFrom(...Object.values(OP))
const change = fc.record({
  at: fc.nat(),
  remove: fc.nat(4),
  insert: fc.array(fc.oneof(opcode, opcode, fc.nat(255)), { maxLength: 6 }),
})

function mutated(
  pickle: Buffer,
  changes: readonly { at: number; remove: number; insert: number[] }[],
): Buffer {
  let bytes = [...pickle]
  for (const { at, remove, insert } of changes) {
    const from = at % (bytes.length + 1)
    bytes = [...bytes.slice(0, from), ...insert, ...bytes.slice(from + remove)]
  }
  return Buffer.from(bytes)
}

/** Reads it, and looks that what cannot be read is refused as it should be. */
function readOrRefuse(bytes: Buffer): unknown {
  const encoder = new PickleDataEncoder({ limits: LIMITS }).registerClass({
    module: 'builtins',
    name: 'list',
    decode: (args) => ({ args }),
  })
  try {
    return encoder.decode(bytes)
  } catch (error) {
    expect(error).toBeInstanceOf(UnpicklingError)
    if (!(error instanceof UnpicklingError)) throw error
    expect(error.offset).toBeLessThanOrEqual(bytes.length)
    expect(error.message.length).toBeLessThan(600)
    return undefined
  }
}

describe('pickle', () => {
  it('brings everything back as it was, in all protocols', () => {
    fc.assert(
      fc.property(value, protocols, (original, protocol) => {
        const encoder = new PickleDataEncoder({ protocol })
        const back = encoder.decode(Buffer.from(encoder.encode(original)))
        expect(back).toStrictEqual(original)
      }),
      { numRuns: RUNS.numRuns / 3 },
    )
  })

  it('makes something of whatever is thrown', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withSparseArray: true }), (thrown) => {
        const encoder = new PickleDataEncoder()
        expect(encoder.decodeError(Buffer.from(encoder.encodeError(thrown)))).toMatchObject({
          name: expect.any(String),
          message: expect.any(String),
        })
      }),
      { numRuns: 300 },
    )
  })

  it('writes any value, or refuses it with an EncodingError', () => {
    fc.assert(
      fc.property(
        fc.anything({ withDate: true, withMap: true, withSet: true, withTypedArray: true }),
        protocols,
        (thing, protocol) => {
          const encoder = new PickleDataEncoder({ protocol })
          try {
            encoder.decode(Buffer.from(encoder.encode(thing)))
          } catch (error) {
            expect(error).toBeInstanceOf(EncodingError)
            expect(error).not.toBeInstanceOf(UnpicklingError)
          }
        },
      ),
      { numRuns: 1000 },
    )
  })
})

describe('a pickle that was changed on its way', () => {
  it('is read or refused, and changes no prototype', () => {
    fc.assert(
      fc.property(
        value,
        protocols,
        fc.array(change, { minLength: 1, maxLength: 4 }),
        (original, protocol, changes) => {
          const pickle = Buffer.from(new PickleDataEncoder({ protocol }).encode(original))
          readOrRefuse(mutated(pickle, changes))
        },
      ),
      RUNS,
    )
    expect(Object.keys(Object.prototype)).toEqual([])
    expect(Object.keys(Array.prototype)).toEqual([])
  })

  it('is read or refused when it is nothing but opcodes', () => {
    const names = fc.constantFrom(
      'cbuiltins\nlist\n',
      'c_codecs\nencode\n',
      'ccollections\ndeque\n',
      'cdatetime\ndatetime\n',
      'cuuid\nUUID\n',
      'ccopyreg\n_reconstructor\n',
      'cbuiltins\nValueError\n',
      'Vlatin1\n',
      'V__proto__\n',
    )
    const piece = fc.oneof(
      { weight: 6, arbitrary: opcode.map((code) => Buffer.from([code])) },
      { weight: 2, arbitrary: fc.nat(5).map((at) => Buffer.from([OP.BINGET, at])) },
      { weight: 2, arbitrary: fc.nat(5).map((at) => Buffer.from([OP.BINPUT, at])) },
      { weight: 3, arbitrary: names.map((name) => Buffer.from(name)) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 9 }).map((bytes) => Buffer.from(bytes)) },
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        readOrRefuse(Buffer.concat([...pieces, Buffer.from([OP.STOP])]))
      }),
      RUNS,
    )
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  it('is refused wherever it is cut off', () => {
    fc.assert(
      fc.property(value, protocols, fc.nat(), (original, protocol, at) => {
        const pickle = Buffer.from(new PickleDataEncoder({ protocol }).encode(original))
        const cut = pickle.subarray(0, at % pickle.length)
        expect(() => new PickleDataEncoder().decode(cut)).toThrow(UnpicklingError)
      }),
      { numRuns: RUNS.numRuns / 3 },
    )
  })
})
