import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  type AnyEncoder,
  DataEncoder,
  type EncoderInput,
  type EncoderOutput,
} from '../../../src/encoders/data-encoder.ts'
import { type EncoderSource, toEncoder } from '../../../src/encoders/encoder-source.ts'
import { JSONDataEncoder } from '../../../src/encoders/json-data-encoder.ts'
import { NoopEncoder, RawDataEncoder } from '../../../src/encoders/raw-data-encoder.ts'
import { StringDataEncoder } from '../../../src/encoders/string-data-encoder.ts'
import { InvalidArgumentError } from '../../../src/errors.ts'

describe('toEncoder', () => {
  it('takes an instance as it is', () => {
    const encoder = new StringDataEncoder()
    expect(toEncoder(encoder)).toBe(encoder)
  })

  it('makes an instance of a class', () => {
    expect(toEncoder(JSONDataEncoder)).toBeInstanceOf(JSONDataEncoder)
    expect(toEncoder(NoopEncoder)).toBeInstanceOf(RawDataEncoder)
  })

  it('takes an encoder of another copy of the package', () => {
    const foreign = {
      encode: () => new Uint8Array(),
      decode: () => 1,
      encodeError: () => new Uint8Array(),
      decodeError: () => 'text',
    }
    expect(toEncoder(foreign)).toBe(foreign)
  })

  class Greedy extends RawDataEncoder {
    constructor(options: { readonly level: number }) {
      super()
      expect(options.level).toBeGreaterThan(0)
    }
  }
  it.each([
    ['undefined', undefined, 'undefined'],
    ['null', null, 'null'],
    ['a name', 'json', '"json"'],
    ['an object that only encodes', { encode: () => new Uint8Array() }, 'an Object'],
    ['the abstract class', DataEncoder, 'a function'],
    ['a class of something else', Map, 'a function'],
    ['an arrow function', () => new RawDataEncoder(), 'without arguments'],
    ['a class that needs arguments', Greedy, 'without arguments'],
  ])('refuses %s', (_what, source, named) => {
    const refused = (): unknown => toEncoder(source as EncoderSource, 'options.dataEncoder')
    expect(refused).toThrow(InvalidArgumentError)
    expect(refused).toThrow('options.dataEncoder')
    expect(refused).toThrow(named)
  })
})

describe('the types of an encoder', () => {
  it('are found from its class', () => {
    expectTypeOf<EncoderInput<StringDataEncoder>>().toEqualTypeOf<string>()
    expectTypeOf<EncoderOutput<RawDataEncoder>>().toEqualTypeOf<Buffer>()
    expectTypeOf<EncoderInput<RawDataEncoder>>().toEqualTypeOf<Uint8Array | string | undefined>()
    expectTypeOf<EncoderInput<JSONDataEncoder<1, 2>>>().toEqualTypeOf<1>()
    expectTypeOf<EncoderOutput<JSONDataEncoder<1, 2>>>().toEqualTypeOf<2>()
    expectTypeOf<EncoderOutput<AnyEncoder>>().toEqualTypeOf<unknown>()
    expectTypeOf(toEncoder(StringDataEncoder)).toEqualTypeOf<StringDataEncoder>()
    expectTypeOf(toEncoder(new RawDataEncoder())).toEqualTypeOf<RawDataEncoder>()
  })

  it('let any encoder be an AnyEncoder', () => {
    const any: AnyEncoder = new JSONDataEncoder<{ id: number }>()
    expect(any.encode({ id: 1 })).toBeInstanceOf(Uint8Array)
    // @ts-expect-error: a class is no encoder source without its encode and decode
    const source: EncoderSource = Map
    expect(source).toBe(Map)
  })
})
