import { EncodingError, UnpicklingError } from '../../errors.ts'
import { DataEncoder } from '../data-encoder.ts'
import { readUtf8 } from '../text.ts'
import { type PickleClass, PickleClasses } from './class-registry.ts'
import { plainPythonError, thrownAsPythonError } from './error-parts.ts'
import {
  type PickleOptions,
  type ResolvedPickleOptions,
  resolvePickleOptions,
} from './pickle-options.ts'
import { PickleOutput } from './pickle-output.ts'
import { Pickler } from './pickler.ts'
import { unpickle } from './unpickler.ts'

/**
 * Python's pickle: reads protocols 0 to 5, writes the one that Python 2 and 3 read, or another.
 *
 * Reading runs no code. A pickle may name classes: those of Python's own types are known, exceptions become a
 * {@link PythonError}, and everything else is refused unless {@link registerClass} made it known.
 *
 * | Python | here |
 * | --- | --- |
 * | `None` | `null`; `undefined` is written as `None`, too |
 * | `bool` | `boolean` |
 * | `int` | `number`, beyond the safe integers `bigint` |
 * | `float` | `number`; written are all numbers that are no safe integer, -0, and {@link PyFloat} |
 * | `str` | `string` |
 * | `bytes`, `bytearray` | `Buffer`, {@link PyByteArray}; any `Uint8Array` is written as `bytes` |
 * | `list`, `tuple` | array, {@link PyTuple} |
 * | `dict` | an object if all keys are strings, else a `Map` |
 * | `set`, `frozenset` | `Set`, {@link PyFrozenSet} |
 * | `complex`, `Decimal`, `UUID` | {@link PyComplex}, {@link PyDecimal}, {@link PyUUID} |
 * | `datetime` | {@link PyDateTime}, a `Date`; any `Date` is written in UTC |
 * | `date`, `time`, `timedelta` | {@link PyDate}, {@link PyTime}, {@link PyTimeDelta} |
 * | `timezone`, `ZoneInfo` | {@link PyTimeZone} |
 * | `OrderedDict`, `defaultdict`, `Counter` | {@link PyOrderedDict}, {@link PyDefaultDict}, {@link PyCounter}, all of them `Map`s |
 * | `deque` | {@link PyDeque}, an array |
 * | exceptions | {@link PythonError} |
 *
 * What is used twice stays one thing, and may hold itself.
 */
export class PickleDataEncoder<In = unknown, Out = In> extends DataEncoder<In, Out> {
  readonly #options: ResolvedPickleOptions
  readonly #classes = new PickleClasses()
  #output: PickleOutput | undefined

  /** @throws InvalidArgumentError (`ERR_GEARMAN_INVALID_ARGUMENT`) for an option out of its range */
  constructor(options: PickleOptions = {}) {
    super()
    this.#options = resolvePickleOptions(options)
  }

  /**
   * Makes a Python class known: to this encoder, and for what it reads and writes from now on.
   *
   * @returns the encoder
   * @throws InvalidArgumentError (`ERR_GEARMAN_INVALID_ARGUMENT`) for a class that can be neither read nor written
   */
  registerClass<T = unknown, D = T>(pickleClass: PickleClass<T, D>): this {
    this.#classes.register(pickleClass)
    return this
  }

  /**
   * @throws PicklingError (`ERR_GEARMAN_ENCODING`) for what has no form in a pickle, such as a function or an instance
   * of a class that is not registered; its `path` tells where it is
   */
  encode(value: In): Uint8Array {
    return this.#pickle(value)
  }

  /**
   * What arrives is not checked against `Out`: the type is a promise of the other side.
   *
   * @throws UnpicklingError (`ERR_GEARMAN_ENCODING`) for anything but a pickle, and for one that wants what is not registered
   * or more than the limits; it tells the opcode and its offset
   */
  decode(bytes: Buffer): Out {
    return unpickle(asBuffer(bytes), this.#options, this.#classes) as Out
  }

  /**
   * A pickled exception that every Python has: `TypeError`, `ValueError` (also for `RangeError`, `SyntaxError`), `NameError`, else
   * `Exception`, with the message as its argument, and with attributes: `js_name`, the name of the error where Python's class
   * has another, `code` and `__cause__`. A {@link PythonError} of a built-in class stays what it is.
   */
  override encodeError(error: unknown): Uint8Array {
    try {
      return this.#pickle(thrownAsPythonError(error))
    } catch {
      // An argument that has no form: what can be said of it is better than nothing.
      return this.#pickle(plainPythonError(error))
    }
  }

  /**
   * The exception, as a {@link PythonError}; whatever else was pickled; or the text of a worker that does not pickle.
   *
   * @throws EncodingError (`ERR_GEARMAN_ENCODING`) when it is none of these; the exception then stays a `Buffer`
   */
  override decodeError(bytes: Buffer): unknown {
    try {
      return unpickle(asBuffer(bytes), this.#options, this.#classes)
    } catch (error) {
      // A pickle that is refused must not pass for a text.
      if (error instanceof UnpicklingError && error.global !== undefined) throw error
      if (!(error instanceof EncodingError)) throw error
      return readUtf8(bytes)
    }
  }

  #pickle(value: unknown): Buffer {
    const { protocol } = this.#options
    // A registered class may use this very encoder while it is asked for its parts.
    const output = this.#output ?? new PickleOutput(protocol)
    this.#output = undefined
    const bytes = new Pickler(protocol, this.#classes, output).pickle(value)
    this.#output = output
    return bytes
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
