import fc from 'fast-check'

const text = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((name) => name !== '__proto__')
const simple = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.maxSafeInteger().map((value) => value + 0), // no -0
  fc.double({ noNaN: true }).filter((value) => !Object.is(value, -0)),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) }),
  text,
  fc.uint8Array({ maxLength: 12 }),
)

/** Any value that MessagePack can hold, and that other languages tell in the same way. */
export const messagePackValue: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    simple,
    fc.array(tie('value'), { maxLength: 20 }),
    fc.dictionary(text, tie('value'), { maxKeys: 20, noNullPrototype: true }),
  ),
})).value
