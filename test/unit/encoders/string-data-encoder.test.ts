import { describe, expect, it } from 'vitest'
import { StringDataEncoder } from '../../../src/encoders/string-data-encoder.ts'
import { EncodingError } from '../../../src/errors.ts'

const encoder = new StringDataEncoder()

describe('StringDataEncoder', () => {
  it.each([
    '',
    'plain',
    'grüße',
    '日本語 😀',
    'with \0 inside',
    '\ufeffwith a mark in front',
    'x'.repeat(1e5),
  ])('brings text back as it was (%#)', (text) => {
    expect(encoder.decode(Buffer.from(encoder.encode(text)))).toBe(text)
  })

  it('writes UTF-8', () => {
    expect(encoder.encode('ü')).toEqual(Buffer.from([0xc3, 0xbc]))
  })

  it.each([
    ['at the end', 'x\ud83d'],
    ['at the front', '\ude00x'],
    ['the wrong way round', '\ude00\ud83d'],
  ])('refuses half a surrogate pair %s', (_where, text) => {
    expect(() => encoder.encode(text)).toThrow(EncodingError)
    expect(() => encoder.encode(text)).toThrow('surrogate')
  })

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [5, 'a number'],
    [Buffer.from('x'), 'a Buffer'],
    [{ toString: () => 'x' }, 'an Object'],
  ])('refuses a value that is no string (%#)', (value, named) => {
    const refused = (): unknown => encoder.encode(value as string)
    expect(refused).toThrow(EncodingError)
    expect(refused).toThrow(`takes a string, not ${named}`)
  })

  it.each([
    ['a lone continuation byte', [0x80]],
    ['a cut sequence', [0x61, 0xe2, 0x82]],
    ['an overlong NUL', [0xc0, 0x80]],
    ['an encoded surrogate', [0xed, 0xa0, 0x80]],
    ['latin1', [0x67, 0x72, 0xfc, 0xdf, 0x65]],
  ])('refuses bytes that are not UTF-8, with the cause: %s', (_what, bytes) => {
    expect(() => encoder.decode(Buffer.from(bytes))).toThrow(
      expect.objectContaining({ name: 'EncodingError', cause: expect.any(Error) }),
    )
  })

  it('decodes the next payload as ever after one that was cut', () => {
    expect(() => encoder.decode(Buffer.from([0xe2, 0x82]))).toThrow(EncodingError)
    expect(encoder.decode(Buffer.from('\ufeff€'))).toBe('\ufeff€')
  })
})
