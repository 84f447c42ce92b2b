import { checkInteger, checkLimit, show } from '../../core/checks.ts'
import { InvalidArgumentError } from '../../errors.ts'
import { HIGHEST_PROTOCOL } from './opcodes.ts'

/**
 * How the `str` of Python 2 is read, which holds text and bytes alike:
 *
 * - `'auto'`: as a string where it is UTF-8, else as a `Buffer`
 * - `'utf8'`: as a string; what is not UTF-8 is refused
 * - `'latin1'`: as a string of the characters U+0000 to U+00FF
 * - `'bytes'`: as a `Buffer`
 */
export type PickleStrEncoding = 'auto' | 'utf8' | 'latin1' | 'bytes'

/** What a pickle may ask for before it is refused. */
export interface PickleLimits {
  /** Bytes of a pickle. @defaultValue 256 MiB */
  readonly maxBytes?: number | undefined
  /** Levels of containers inside containers. @defaultValue 1000, as many as Python writes by default */
  readonly maxDepth?: number | undefined
  /** Entries of the memo, by which a pickle refers to what it has shown before. @defaultValue 10,000,000 */
  readonly maxMemo?: number | undefined
  /**
   * Elements: one for each opcode, and some more for what takes more memory: 4 for a list, tuple, dict or bytes, 12 for a set,
   * a `Map` or an instance of a class, and one for each 16 bytes or each element that is copied.
   *
   * @defaultValue 20,000,000
   */
  readonly maxElements?: number | undefined
}

/** Options of a {@link PickleDataEncoder}. */
export interface PickleOptions {
  /** The protocol to write, 0 to 5. Python 2 reads 0 to 2, Python 3.4 up to 4, Python 3.8 up to 5. @defaultValue 2 */
  readonly protocol?: number | undefined
  /**
   * What a dict becomes: `'auto'`, an object if all its keys are strings, else a `Map`; or `'map'`, always a `Map`.
   *
   * @defaultValue `'auto'`
   */
  readonly dicts?: 'auto' | 'map' | undefined
  /** How the `str` of Python 2 is read. Python 3 has no such thing. @defaultValue `'auto'` */
  readonly encoding?: PickleStrEncoding | undefined
  /**
   * Which classes that nobody registered are exceptions: those are read as a {@link PythonError}. The built-in ones of
   * Python always are.
   *
   * @defaultValue names that end in `Error`, `Exception` or `Warning`, as Python's style guide wants it
   */
  readonly isException?: ((module: string, name: string) => boolean) | undefined
  /** What a pickle may ask for. */
  readonly limits?: PickleLimits | undefined
}

/** The options with nothing left out. */
export interface ResolvedPickleOptions {
  readonly protocol: number
  readonly mapsOnly: boolean
  readonly encoding: PickleStrEncoding
  readonly isException: (module: string, name: string) => boolean
  readonly limits: Readonly<Record<keyof PickleLimits, number>>
}

const DEFAULTS = {
  protocol: 2,
  dicts: 'auto',
  encoding: 'auto',
  limits: { maxBytes: 0x1000_0000, maxDepth: 1000, maxMemo: 10_000_000, maxElements: 20_000_000 },
} as const
const ENCODINGS: readonly string[] = ['auto', 'utf8', 'latin1', 'bytes']

/**
 * @throws InvalidArgumentError for an option out of its range
 */
export function resolvePickleOptions(options: PickleOptions): ResolvedPickleOptions {
  const { protocol, dicts, encoding, isException, limits = {} } = options
  return {
    protocol: checkInteger('protocol', protocol ?? DEFAULTS.protocol, 0, HIGHEST_PROTOCOL),
    mapsOnly: checkDicts(dicts ?? DEFAULTS.dicts) === 'map',
    encoding: checkEncoding(encoding ?? DEFAULTS.encoding),
    isException: checkPredicate(isException) ?? isNamedAsException,
    limits: {
      maxBytes: limit('maxBytes', limits),
      maxDepth: limit('maxDepth', limits),
      maxMemo: limit('maxMemo', limits),
      maxElements: limit('maxElements', limits),
    },
  }
}

function limit(name: keyof PickleLimits, limits: PickleLimits): number {
  return checkLimit(`limits.${name}`, limits[name] ?? DEFAULTS.limits[name], 1)
}

function checkDicts(dicts: 'auto' | 'map'): 'auto' | 'map' {
  if (dicts === 'auto' || dicts === 'map') return dicts
  throw new InvalidArgumentError('dicts', `must be 'auto' or 'map', not ${show(dicts)}`)
}

function checkEncoding(encoding: PickleStrEncoding): PickleStrEncoding {
  if (ENCODINGS.includes(encoding)) return encoding
  throw new InvalidArgumentError(
    'encoding',
    `must be 'auto', 'utf8', 'latin1' or 'bytes', not ${show(encoding)}`,
  )
}

function checkPredicate<T>(predicate: T | undefined): T | undefined {
  if (predicate === undefined || typeof predicate === 'function') return predicate
  throw new InvalidArgumentError('isException', `must be a function, not ${show(predicate)}`)
}

function isNamedAsException(_module: string, name: string): boolean {
  return /(?:Error|Exception|Warning)$/.test(name)
}
