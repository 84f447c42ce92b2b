import { describe, expect, it, vi } from 'vitest'
import { type EncoderOptions, EncoderRegistry } from '../../../src/encoders/encoder-registry.ts'
import type { EncoderSource } from '../../../src/encoders/encoder-source.ts'
import { JSONDataEncoder } from '../../../src/encoders/json-data-encoder.ts'
import { RawDataEncoder } from '../../../src/encoders/raw-data-encoder.ts'
import { StringDataEncoder } from '../../../src/encoders/string-data-encoder.ts'
import { InvalidArgumentError } from '../../../src/errors.ts'

const none = (): undefined => undefined

describe('EncoderRegistry', () => {
  it('gives raw when nothing is said', () => {
    const registry = new EncoderRegistry({}, none)
    expect(registry.encoderFor('reverse')).toBeInstanceOf(RawDataEncoder)
    expect(registry.encoderFor('other')).toBe(registry.encoderFor('reverse'))
  })

  it('asks the task first, then the option, then the property of the subclass', () => {
    const json = new JSONDataEncoder()
    const options = { dataEncoder: StringDataEncoder, taskEncoders: { report: json } }
    const property = vi.fn(() => RawDataEncoder)
    const registry = new EncoderRegistry(options, property)
    expect(registry.encoderFor('report')).toBe(json)
    expect(registry.encoderFor('other')).toBeInstanceOf(StringDataEncoder)
    expect(property).not.toHaveBeenCalled()
    expect(new EncoderRegistry({}, () => json).encoderFor('other')).toBe(json)
  })

  it('makes one instance of a class, not one per look-up', () => {
    const registry = new EncoderRegistry({}, () => StringDataEncoder)
    expect(registry.encoderFor('a')).toBe(registry.encoderFor('b'))
  })

  it('reads the property when it is needed: a subclass sets it after the base class was made', () => {
    let property: EncoderSource | undefined
    const registry = new EncoderRegistry({}, () => property)
    expect(registry.encoderFor('a')).toBeInstanceOf(RawDataEncoder)
    property = JSONDataEncoder
    expect(registry.encoderFor('a')).toBeInstanceOf(JSONDataEncoder)
    property = undefined
    expect(registry.encoderFor('a')).toBeInstanceOf(RawDataEncoder)
  })

  it('gives a task an encoder of its own, and takes it away', () => {
    const registry = new EncoderRegistry({}, none)
    registry.set('a', JSONDataEncoder)
    expect(registry.encoderFor('a')).toBeInstanceOf(JSONDataEncoder)
    expect(registry.encoderFor('b')).toBeInstanceOf(RawDataEncoder)
    registry.set('a', undefined)
    expect(registry.encoderFor('a')).toBeInstanceOf(RawDataEncoder)
  })

  it('does not take the names of object properties for tasks', () => {
    const registry = new EncoderRegistry({ taskEncoders: {} }, none)
    for (const task of ['constructor', '__proto__', 'toString']) {
      expect(registry.encoderFor(task)).toBeInstanceOf(RawDataEncoder)
    }
  })

  it.each<[string, unknown, string]>([
    ['an option that is no encoder', { dataEncoder: 'json' }, 'dataEncoder'],
    ['a task encoder that is none', { taskEncoders: { a: {} } }, 'the encoder of task a'],
    ['task encoders that are no object', { taskEncoders: 'json' }, 'taskEncoders'],
    ['null', { taskEncoders: null }, 'taskEncoders'],
  ])('refuses %s', (_what, options, named) => {
    const refused = (): unknown => new EncoderRegistry(options as EncoderOptions, none)
    expect(refused).toThrow(InvalidArgumentError)
    expect(refused).toThrow(named)
  })

  it('refuses a property that is no encoder when it is needed', () => {
    const registry = new EncoderRegistry({}, () => 'json' as unknown as EncoderSource)
    expect(() => registry.encoderFor('a')).toThrow(InvalidArgumentError)
  })
})
