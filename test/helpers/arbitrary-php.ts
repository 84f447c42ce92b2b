import fc from 'fast-check'
import { PhpEnum, PhpObject } from '../../src/encoders/php/php-values.ts'

const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n }
const text = fc.string({ unit: 'grapheme', maxLength: 12 })
const key = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer({ min: -2, max: 5 }),
  text.filter((name) => !/^-?\d+$/.test(name)), // those become integers on the way
)
const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,5}$/)
const property = fc.oneof(
  name,
  name.map((bare) => `\0*\0${bare}`),
  name.map((bare) => `\0Owner\0${bare}`),
)

const simple = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.bigInt(INT64).filter((value) => !Number.isSafeInteger(Number(value))),
  text,
  fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom('Hearts', 'Spades').map((caseName) => new PhpEnum('Suit', caseName)),
)

/** Any value that PHP can serialize, in the form that keeps all of it: arrays are lists or Maps. */
export const phpValue: fc.Arbitrary<unknown> = fc.letrec((tie) => {
  const value = tie('value')
  const object = fc
    .tuple(name, fc.array(fc.tuple(property, value), { maxLength: 4 }))
    // PHP's own classes would be made, or refuse.
    .map(([className, entries]) => new PhpObject(`Not\\A${className}`, new Map(entries)))
  return {
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      simple,
      fc.array(value, { maxLength: 5 }),
      fc.array(fc.tuple(key, value), { maxLength: 5 }).map((entries) => new Map(entries)),
      object,
      object.map((shared) => [shared, shared]),
    ),
  }
}).value
