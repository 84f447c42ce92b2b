import { types } from 'node:util'
import type { ExtData, ExtensionCodec, ExtensionCodecType } from '@msgpack/msgpack'
import { kindOf } from '../core/checks.ts'
import { isPlainObject } from '../encoders/plain-object.ts'
import { EncodingError } from '../errors.ts'

/** What the library asks about each object: this one refuses what it would write as an empty map. */
export class StrictCodec implements ExtensionCodecType<undefined> {
  readonly __brand?: undefined
  readonly #codec: ExtensionCodec
  /** Whether a bigint was met that the library does not write by itself. */
  foundBigint = false

  constructor(codec: ExtensionCodec) {
    this.#codec = codec
  }

  tryToEncode(value: unknown): ExtData | null {
    if (typeof value === 'bigint') this.foundBigint = true
    const extension = this.#codec.tryToEncode(value, undefined as never)
    if (extension !== null || typeof value !== 'object' || value === null) return extension
    if (Array.isArray(value) || types.isUint8Array(value) || isPlainObject(value)) return null
    throw new EncodingError(`${kindOf(value)} cannot be written as MessagePack`, {
      cause: new TypeError('MessagePack has no form for it'),
    })
  }

  decode(data: Uint8Array, type: number): unknown {
    return this.#codec.decode(data, type, undefined as never)
  }
}
