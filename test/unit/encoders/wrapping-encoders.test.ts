import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { AesGcmDataEncoder } from '../../../src/encoders/aes-gcm-data-encoder.ts'
import { GzipDataEncoder } from '../../../src/encoders/gzip-data-encoder.ts'
import { JSONDataEncoder } from '../../../src/encoders/json-data-encoder.ts'
import { RawDataEncoder } from '../../../src/encoders/raw-data-encoder.ts'
import { StringDataEncoder } from '../../../src/encoders/string-data-encoder.ts'
import { ZstdDataEncoder } from '../../../src/encoders/zstd-data-encoder.ts'
import { InvalidArgumentError } from '../../../src/errors.ts'
import { encodingErrorOf } from '../../helpers/thrown.ts'

const KEY = randomBytes(32)
const VALUE = { list: Array.from({ length: 100 }, (_, index) => ({ index, text: 'gleich' })) }
const bomb = gzipSync(Buffer.alloc(10_000_000))

const wrappers = [
  ['gzip', () => new GzipDataEncoder(JSONDataEncoder), () => new GzipDataEncoder(RawDataEncoder)],
  [
    'AES-GCM',
    () => new AesGcmDataEncoder(JSONDataEncoder, { key: KEY }),
    () => new AesGcmDataEncoder(new RawDataEncoder(), { key: KEY }),
  ],
  ...(ZstdDataEncoder.isSupported
    ? ([
        [
          'zstd',
          () => new ZstdDataEncoder(JSONDataEncoder),
          () => new ZstdDataEncoder(RawDataEncoder),
        ],
      ] as const)
    : []),
] as const

describe.each(wrappers)('an encoder with %s around it', (_name, makeJson, makeRaw) => {
  const json = makeJson()
  const raw = makeRaw()

  it('brings values back as they were', () => {
    expect(json.decode(Buffer.from(json.encode(VALUE)))).toEqual(VALUE)
    const bytes = randomBytes(1000)
    expect(raw.decode(Buffer.from(raw.encode(bytes)))).toEqual(bytes)
  })

  it('takes an empty payload for what the inner encoder takes it for', () => {
    expect(json.decode(Buffer.alloc(0))).toBeUndefined()
    expect(json.decode(Buffer.from(json.encode(undefined)))).toBeUndefined()
    expect(raw.decode(Buffer.alloc(0))).toHaveLength(0)
  })

  it('brings exceptions as the inner encoder has them', () => {
    const bytes = Buffer.from(json.encodeError(new RangeError('too far')))
    expect(json.decodeError(bytes)).toEqual({ name: 'RangeError', message: 'too far' })
  })

  it('refuses bytes that are cut, changed, or something else', () => {
    const whole = Buffer.from(json.encode(VALUE))
    const changed = Buffer.from(whole)
    changed[whole.length - 7] = (changed[whole.length - 7] ?? 0) ^ 1
    for (const bytes of [whole.subarray(0, -3), Buffer.from('{"plain":true}'), changed]) {
      const error = encodingErrorOf(() => json.decode(bytes))
      expect(error.cause).toBeInstanceOf(Error)
      expect(inspect(error, { depth: 9 })).not.toContain('plain')
    }
  })

  it('hands on what the inner encoder refuses', () => {
    const message = encodingErrorOf(() => json.encode(1n)).message
    expect(message).toContain('cannot be written as JSON')
    const notJson = Buffer.from(raw.encode('not JSON'))
    expect(encodingErrorOf(() => json.decode(notJson)).message).toContain('is not JSON')
  })

  it('can stand around another wrapper', () => {
    const both = new AesGcmDataEncoder(makeJson(), { key: KEY })
    expect(both.decode(Buffer.from(both.encode(VALUE)))).toEqual(VALUE)
  })
})

describe('GzipDataEncoder', () => {
  it('writes what gunzip reads, and reads what gzip writes', () => {
    const encoder = new GzipDataEncoder(StringDataEncoder, { level: 9 })
    expect(gunzipSync(encoder.encode('ü'.repeat(1000))).toString()).toBe('ü'.repeat(1000))
    expect(encoder.decode(gzipSync('text'))).toBe('text')
  })

  it('takes no more than its limit of bytes', () => {
    const encoder = new GzipDataEncoder(RawDataEncoder, { maxDecodedBytes: 9_999_999 })
    const error = encodingErrorOf(() => encoder.decode(bomb))
    expect(error.message).toBe(`a payload of ${bomb.length} bytes becomes more than 9999999 bytes`)
    const enough = new GzipDataEncoder(RawDataEncoder, { maxDecodedBytes: 10_000_000 })
    expect(enough.decode(bomb)).toHaveLength(10_000_000)
    expect(() => encoder.decodeError(bomb)).toThrow('becomes more than')
  })

  it('leaves exceptions readable, and reads compressed ones', () => {
    const encoder = new GzipDataEncoder(StringDataEncoder)
    expect(Buffer.from(encoder.encodeError(new TypeError('no'))).toString()).toBe('TypeError: no')
    expect(encoder.decodeError(gzipSync('ValueError: no'))).toBe('ValueError: no')
  })

  it('refuses options out of their range, and no encoder', () => {
    for (const options of [{ level: 10 }, { level: -1 }, { maxDecodedBytes: 0 }]) {
      expect(() => new GzipDataEncoder(RawDataEncoder, options)).toThrow(InvalidArgumentError)
    }
    expect(() => new GzipDataEncoder('json' as never)).toThrow(InvalidArgumentError)
  })
})

describe('ZstdDataEncoder', () => {
  it.runIf(ZstdDataEncoder.isSupported)('takes no more than its limit of bytes', () => {
    const encoder = new ZstdDataEncoder(RawDataEncoder, { maxDecodedBytes: 1000, level: 19 })
    const payload = Buffer.from(encoder.encode(Buffer.alloc(1001)))
    expect(encodingErrorOf(() => encoder.decode(payload)).message).toContain('more than 1000')
    expect(() => new ZstdDataEncoder(RawDataEncoder, { level: 23 })).toThrow(InvalidArgumentError)
  })

  it.runIf(!ZstdDataEncoder.isSupported)('says which Node.js has it', () => {
    expect(() => new ZstdDataEncoder(RawDataEncoder)).toThrow('needs Node.js 22.15 or newer')
  })
})

describe('AesGcmDataEncoder', () => {
  it.each([
    [16, 'aes-128-gcm'],
    [24, 'aes-192-gcm'],
    [32, 'aes-256-gcm'],
  ] as const)('with a key of %i bytes is nonce, %s and tag', (length, cipher) => {
    const key = randomBytes(length)
    const encoder = new AesGcmDataEncoder(StringDataEncoder, { key, additionalData: 'task' })
    const bytes = Buffer.from(encoder.encode('hello'))
    expect(bytes).toHaveLength(12 + 5 + 16)
    const decipher = createDecipheriv(cipher, key, bytes.subarray(0, 12))
    decipher.setAAD(Buffer.from('task')).setAuthTag(bytes.subarray(-16))
    expect(decipher.update(bytes.subarray(12, -16)).toString()).toBe('hello')
    decipher.final()

    const nonce = randomBytes(12)
    const other = createCipheriv(cipher, key, nonce).setAAD(Buffer.from('task'))
    const sealed = [nonce, other.update('back'), other.final(), other.getAuthTag()]
    expect(encoder.decode(Buffer.concat(sealed))).toBe('back')
  })

  it('never writes the same twice', () => {
    const encoder = new AesGcmDataEncoder(StringDataEncoder, { key: KEY })
    expect(encoder.encode('same')).not.toEqual(encoder.encode('same'))
  })

  it('reads with old keys, and writes with the new one', () => {
    const [first, second] = [randomBytes(16), randomBytes(32)]
    const before = new AesGcmDataEncoder(StringDataEncoder, { key: first })
    const change = new AesGcmDataEncoder(StringDataEncoder, { key: second, oldKeys: [first] })
    const after = new AesGcmDataEncoder(StringDataEncoder, { key: second })
    expect(change.decode(Buffer.from(before.encode('old')))).toBe('old')
    expect(after.decode(Buffer.from(change.encode('new')))).toBe('new')
    encodingErrorOf(() => after.decode(Buffer.from(before.encode('old'))))
  })

  it('refuses what belongs to something else', () => {
    const of = (additionalData: string): AesGcmDataEncoder<string> =>
      new AesGcmDataEncoder(StringDataEncoder, { key: KEY, additionalData })
    const payload = Buffer.from(of('refund').encode('100'))
    const error = encodingErrorOf(() => of('report').decode(payload))
    expect(error.message).toContain('not encrypted with this key and additional data')
  })

  it('refuses an empty payload when told so', () => {
    const strict = new AesGcmDataEncoder(RawDataEncoder, { key: KEY, acceptsEmpty: false })
    encodingErrorOf(() => strict.decode(Buffer.alloc(0)))
    expect(strict.decode(Buffer.from(strict.encode(undefined)))).toHaveLength(0)
  })

  it('refuses an exception that is not encrypted', () => {
    const encoder = new AesGcmDataEncoder(StringDataEncoder, { key: KEY })
    encodingErrorOf(() => encoder.decodeError(Buffer.from('Error: made up by somebody else')))
    encodingErrorOf(() => encoder.decodeError(Buffer.alloc(0)))
  })

  it('refuses other keys, and never shows one', () => {
    for (const key of ['secret-secret-12', randomBytes(31), undefined]) {
      const make = (): unknown => new AesGcmDataEncoder(RawDataEncoder, { key: key as never })
      expect(make).toThrow(InvalidArgumentError)
      expect(make).not.toThrow('secret-secret-12')
    }
    const options = { key: KEY, oldKeys: [randomBytes(5)] }
    expect(() => new AesGcmDataEncoder(RawDataEncoder, options)).toThrow('oldKeys[0]')
    const data = { key: KEY, additionalData: 5 as never }
    expect(() => new AesGcmDataEncoder(RawDataEncoder, data)).toThrow('additionalData')
  })
})
