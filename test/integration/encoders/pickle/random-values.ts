import {
  PyByteArray,
  PyComplex,
  PyCounter,
  PyDate,
  PyDateTime,
  PyDecimal,
  PyDefaultDict,
  PyDeque,
  PyFrozenSet,
  PyGlobal,
  PyOrderedDict,
  PyTime,
  PyTimeDelta,
  PyTimeZone,
  PyTuple,
  PythonError,
  PyUUID,
} from 'gearman-sdk'
import { describeValue } from './describe.ts'
import { Fraction, Point } from './shop.ts'

const ALPHABETS = ['abc xyz', 'a\\\n\r\0\x1a\'"\t', '\x7f\x80\xff', 'aé€ß', 'a😀\u{10ffff}\ufffd']
const SURROGATES = 'a\ud800\udfff'
const ZONES = ['Europe/Paris', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'UTC']
const FLOATS = [0, -0, 1.5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, 2 ** 60]

/** Random values of all types that a pickle can hold, the same for the same seed. */
export class RandomValues {
  #state: number
  readonly #shared: unknown[] = []

  constructor(seed: number) {
    this.#state = seed
  }

  /** A value, nested so many levels deep at most. */
  value(depth: number): unknown {
    if (this.#shared.length > 0 && this.#below(16) === 0) return this.#choose(this.#shared)
    return depth <= 0 || this.#below(2) === 0 ? this.#scalar() : this.#container(depth - 1)
  }

  /** Mulberry32: 32 random bits. */
  #bits(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return (bits ^ (bits >>> 14)) >>> 0
  }

  #below(limit: number): number {
    return this.#bits() % limit
  }

  #choose<T>(from: readonly T[]): T {
    return from[this.#below(from.length)] as T
  }

  #many<T>(make: () => T, max = 4): T[] {
    return Array.from({ length: this.#below(max + 1) }, make)
  }

  #integer(): number | bigint {
    const bits = this.#choose([1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 53, 54, 63, 64, 65, 200])
    let value = 0n
    for (let size = 0; size < bits; size += 32) value = (value << 32n) | BigInt(this.#bits())
    value = BigInt.asUintN(bits, value) * this.#choose([1n, -1n]) + this.#choose([-1n, 0n, 1n])
    return Number.isSafeInteger(Number(value)) ? Number(value) : value
  }

  #text(): string {
    const units = [...this.#choose([...ALPHABETS, SURROGATES])]
    return this.#many(() => this.#choose(units), this.#choose([0, 1, 3, 10, 30, 60, 300])).join('')
  }

  #bytes(): Buffer {
    return Buffer.from(this.#many(() => this.#below(256), this.#choose([0, 5, 17, 255, 300])))
  }

  #float(): number {
    const bytes = Buffer.alloc(8)
    bytes.writeUInt32BE(this.#bits())
    return this.#choose([
      ...FLOATS,
      this.#bits() / 1000,
      -this.#bits(),
      bytes.readDoubleBE(),
      Number.NaN,
    ])
  }

  #zone(): PyTimeZone | undefined {
    const offset = this.#below(1439) * 60_000_000 + this.#choose([0, 1, 59_999_999])
    return this.#choose([
      undefined,
      PyTimeZone.utc,
      PyTimeZone.of(this.#choose(ZONES)),
      PyTimeZone.fixed(offset * this.#choose([1, -1])),
      PyTimeZone.fixed(offset, 'X'),
    ])
  }

  #time(): { hour: number; minute: number; second: number; microsecond: number; fold: 0 | 1 } {
    const microsecond = this.#choose([0, this.#below(1_000_000)])
    const [hour, minute] = [this.#below(24), this.#below(60)]
    return { hour, minute, second: this.#below(60), microsecond, fold: this.#choose([0, 1]) }
  }

  #dateTime(): PyDateTime {
    const zone = this.#zone()
    const isNamed = zone !== undefined && zone.offsetMicroseconds === undefined
    const year = isNamed ? 1971 + this.#below(65) : 2 + this.#below(9997)
    const [month, day] = [1 + this.#below(12), 1 + this.#below(28)]
    return new PyDateTime({ year, month, day, ...this.#time(), zone })
  }

  #timeDelta(): PyTimeDelta {
    const sign = this.#choose([1, -1])
    return new PyTimeDelta(sign * this.#below(999_999_998), -this.#below(99_999), this.#bits())
  }

  #uuid(): PyUUID {
    const digits = Array.from({ length: 4 }, () => this.#bits().toString(16).padStart(8, '0'))
    return new PyUUID(digits.join(''))
  }

  #scalar(): unknown {
    return this.#choose<() => unknown>([
      () => null,
      () => undefined,
      () => true,
      () => false,
      () => this.#integer(),
      () => this.#text(),
      () => this.#float(),
      () => this.#bytes(),
      () => new PyByteArray(this.#bytes()),
      () => new PyComplex(this.#float(), this.#float()),
      () => this.#dateTime(),
      () => new PyDate(1 + this.#below(9999), 1 + this.#below(12), 1 + this.#below(28)),
      () => new PyTime({ ...this.#time(), zone: this.#zone() }),
      () => this.#timeDelta(),
      () => this.#decimal(),
      () => this.#uuid(),
      () => new Fraction(this.#integer(), 1),
    ])()
  }

  #decimal(): PyDecimal {
    const digits = `${this.#integer()}.${String(this.#below(1e6)).padStart(6, '0')}`
    return new PyDecimal(this.#choose(['0', '-0.0', '1.10', 'NaN', '-Infinity', '1E+30', digits]))
  }

  /** What Python takes as a key, without two that are equal there and not here, such as 1 and true. */
  #hashable(depth: number): unknown {
    const below = (): unknown[] => (depth > 0 ? this.#many(() => this.#hashable(depth - 1)) : [])
    return this.#choose<() => unknown>([
      () => this.#text(),
      () => this.#text(),
      () => this.#integer(),
      () => this.#bytes(),
      () => this.#bits() / 0x1_0000_0000 + 0.1,
      () => this.#uuid(),
      () => null,
      () => PyTuple.from(below()),
      () => new PyFrozenSet(distinct(below())),
    ])()
  }

  #fill<T extends object>(target: T, put: (value: unknown) => void, depth: number): T {
    this.#shared.push(target)
    for (const value of this.#many(() => this.value(depth))) put(value)
    return target
  }

  #dict<T extends Map<unknown, unknown>>(target: T, depth: number): T {
    const keys = distinct(Array.from({ length: 4 }, () => this.#hashable(2)))
    return this.#fill(target, (value) => keys.length > 0 && target.set(keys.pop(), value), depth)
  }

  #container(depth: number): unknown {
    const list: unknown[] = []
    const record: Record<string, unknown> = {}
    return this.#choose<() => unknown>([
      () => this.#fill(list, (value) => list.push(value), depth),
      () => PyTuple.from(this.#many(() => this.value(depth))),
      () => this.#fill(record, (value) => Object.assign(record, { [this.#text()]: value }), depth),
      () => this.#dict(new Map(), depth),
      () => this.#dict(new PyOrderedDict(), depth),
      () => this.#defaultDict(depth),
      () => new PyCounter(distinct(this.#many(() => this.#hashable(1))).map((key) => [key, 3])),
      () => new Set(distinct(this.#many(() => this.#hashable(2)))),
      () => new PyFrozenSet(distinct(this.#many(() => this.#hashable(2)))),
      () => this.#deque(depth),
      () => this.#point(depth),
      () => this.#error(),
    ])()
  }

  #defaultDict(depth: number): PyDefaultDict {
    const dict = this.#dict(new PyDefaultDict(), depth)
    const factory = this.#choose([undefined, 'list', 'dict', 'int', 'str', 'set'])
    if (factory !== undefined) dict.factory = new PyGlobal('builtins', factory)
    return dict
  }

  #deque(depth: number): PyDeque {
    const deque = new PyDeque()
    deque.maxLength = this.#choose([undefined, 4])
    return this.#fill(deque, (value) => deque.push(value), depth)
  }

  #point(depth: number): Point {
    const point = new Point()
    this.#shared.push(point)
    point.x = this.value(depth)
    point.y = this.value(depth)
    return point
  }

  #error(): PythonError {
    const name = this.#choose(['ValueError', 'KeyError', 'RuntimeError', 'Exception', 'ShopError'])
    const args = this.#many(() => this.#scalar())
    const attributes: Record<string, unknown> =
      this.#below(3) === 0 ? { code: this.#scalar(), __cause__: new PythonError('TypeError') } : {}
    const module = name === 'ShopError' ? 'shop' : 'builtins'
    return new PythonError(name, { module, args, attributes })
  }
}

/** Those that Python takes for different ones. */
function distinct(values: readonly unknown[]): unknown[] {
  return [...new Map(values.map((value) => [describeValue(value), value])).values()]
}
