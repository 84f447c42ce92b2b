import { isUtf8 } from 'node:buffer'
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto'
import { types } from 'node:util'
import { kindOf } from '../../core/checks.ts'
import { EncodingError, InvalidArgumentError } from '../../errors.ts'
import { writeUtf8 } from '../text.ts'

/** What the encoders for mod_gearman are told. */
export interface ModGearmanOptions {
  /**
   * The password that mod_gearman's configuration has as `key`, or the first line of its `keyfile`; text is UTF-8.
   * Of more than 32 bytes the first 32 count. `undefined`: nothing is encrypted (`encryption=no`).
   */
  readonly key: string | Uint8Array | undefined
  /**
   * Whether payloads that are not encrypted are read in spite of a {@link key}: mod_gearman's
   * `accept_clear_results`.
   * @defaultValue false
   */
  readonly acceptsClear?: boolean | undefined
}

const KEY_BYTES = 32
const BLOCK_BYTES = 16
const CIPHER = 'aes-256-ecb'
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/
/** How text in an envelope begins: what was decrypted with another key does not. */
const FIRST_LINE = /^[a-z_]+=/

/**
 * What mod_gearman wraps around the text of a job or result: base64 of the bytes, which are encrypted with
 * AES-256 block by block (mod_gearman common/gm_crypt.c). The key is the password, cut or filled with zero bytes to
 * 32. This is weak: nothing is authenticated, and equal blocks look equal. It is for mod_gearman only.
 */
export class ModGearmanEnvelope {
  readonly #key: KeyObject | undefined
  readonly #acceptsClear: boolean

  /** @throws InvalidArgumentError for a key that is neither text nor bytes, or empty */
  constructor({ key, acceptsClear = false }: ModGearmanOptions) {
    this.#key = key === undefined ? undefined : toKey(key)
    this.#acceptsClear = acceptsClear
  }

  /** The payload for a text. */
  seal(text: string): Buffer {
    const plain = writeUtf8(text)
    return Buffer.from(
      (this.#key === undefined ? plain : encrypt(this.#key, plain)).toString('base64'),
    )
  }

  /**
   * The text in a payload. What is not UTF-8 is read as Latin-1: plugins write what they like.
   *
   * @throws EncodingError when it is not base64, or no text of mod_gearman: the key is another one
   */
  open(payload: Buffer): string {
    const bytes = decodeBase64(payload)
    const clear = toText(bytes)
    const isClear = this.#key === undefined || (this.#acceptsClear && FIRST_LINE.test(clear))
    const text = this.#key === undefined || isClear ? clear : toText(decrypt(this.#key, bytes))
    if (FIRST_LINE.test(text)) return text
    throw new EncodingError(
      `a payload of ${payload.length} bytes holds no text of mod_gearman: is it encrypted, and with this key?`,
    )
  }
}

/** Line breaks may be anywhere in it. */
function decodeBase64(payload: Buffer): Buffer {
  const text = payload.toString('latin1').replaceAll(/[\r\n\0]/g, '')
  if (text.length % 4 !== 0 || !BASE64.test(text)) {
    throw new EncodingError(`a payload of ${payload.length} bytes is not base64`)
  }
  return Buffer.from(text, 'base64')
}

/** The C programs fill with zero bytes, and at least one; the Go worker with newlines, if need be. */
function encrypt(key: KeyObject, plain: Buffer): Buffer {
  const padded = Buffer.alloc(Math.ceil((plain.length + 1) / BLOCK_BYTES) * BLOCK_BYTES)
  plain.copy(padded)
  const cipher = createCipheriv(CIPHER, key, null).setAutoPadding(false)
  return Buffer.concat([cipher.update(padded), cipher.final()])
}

function decrypt(key: KeyObject, bytes: Buffer): Buffer {
  if (bytes.length % BLOCK_BYTES !== 0) {
    throw new EncodingError(
      `${bytes.length} bytes are not what mod_gearman encrypts: they must be a multiple of ${BLOCK_BYTES}`,
    )
  }
  const decipher = createDecipheriv(CIPHER, key, null).setAutoPadding(false)
  return Buffer.concat([decipher.update(bytes), decipher.final()])
}

/** As in C, it ends at the first zero byte. */
function toText(bytes: Buffer): string {
  const end = bytes.indexOf(0)
  const used = end === -1 ? bytes : bytes.subarray(0, end)
  return used.toString(isUtf8(used) ? 'utf8' : 'latin1')
}

function toKey(password: unknown): KeyObject {
  if (typeof password !== 'string' && !types.isUint8Array(password)) {
    throw new InvalidArgumentError(
      'key',
      `must be a string, a Uint8Array or undefined, not ${kindOf(password)}`,
    )
  }
  if (password.length === 0) throw new InvalidArgumentError('key', 'must not be empty')
  const key = Buffer.alloc(KEY_BYTES)
  Buffer.from(password).copy(key)
  return createSecretKey(key)
}
