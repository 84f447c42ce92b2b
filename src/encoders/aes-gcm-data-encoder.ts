import {
  type CipherGCMTypes,
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import { types } from 'node:util'
import { kindOf } from '../core/checks.ts'
import { EncodingError, InvalidArgumentError } from '../errors.ts'
import { DataEncoder } from './data-encoder.ts'
import { type EncoderSource, toEncoder } from './encoder-source.ts'

/** What {@link AesGcmDataEncoder} is told. */
export interface AesGcmOptions {
  /** The secret that both ends have: 16, 24 or 32 random bytes, for AES-128, AES-192 or AES-256. Not a password. */
  readonly key: Uint8Array
  /** Keys that are read as well, but never written with: while a key is changed. @defaultValue none */
  readonly oldKeys?: readonly Uint8Array[] | undefined
  /**
   * What a payload is good for, such as the name of its task; text is UTF-8. It is not sent: who decrypts must have
   * the same, so that a payload of one task is not taken for another's. @defaultValue nothing
   */
  readonly additionalData?: Uint8Array | string | undefined
  /**
   * Whether an empty payload is taken as it is. A worker whose callback returns nothing sends one, and anybody can:
   * `false` refuses them.
   * @defaultValue true
   */
  readonly acceptsEmpty?: boolean | undefined
}

const NONCE_BYTES = 12
const TAG_BYTES = 16
const CIPHERS: Readonly<Record<number, CipherGCMTypes>> = {
  16: 'aes-128-gcm',
  24: 'aes-192-gcm',
  32: 'aes-256-gcm',
}

interface Key {
  readonly cipher: CipherGCMTypes
  readonly secret: KeyObject
}

/**
 * Puts encryption around another encoder: AES in Galois/Counter Mode, which also finds each change on the way.
 * The bytes are a random nonce of 12, the ciphertext, and the tag of 16: what Python's `AESGCM` and Go's `Seal`
 * work with, and PHP's `openssl_encrypt`.
 *
 * Exceptions are encrypted as well: one that is not is kept as a `Buffer`. What the server and the network still
 * see is the name of the task, the unique id and the size; what they still can do is send a payload again. A random
 * nonce is safe for about four thousand million payloads with one key.
 */
export class AesGcmDataEncoder<In, Out = In> extends DataEncoder<In, Out> {
  readonly #inner: DataEncoder<In, Out>
  readonly #key: Key
  readonly #keys: readonly Key[]
  readonly #additionalData: Buffer
  readonly #acceptsEmpty: boolean

  /**
   * @param encoder - what turns values into the bytes to encrypt: an instance, or a class made without arguments
   * @throws InvalidArgumentError (`ERR_GEARMAN_INVALID_ARGUMENT`) for no encoder, or a key of another length
   */
  constructor(encoder: EncoderSource<DataEncoder<In, Out>>, options: AesGcmOptions) {
    super()
    const { key, oldKeys = [], additionalData = '', acceptsEmpty = true } = options
    this.#inner = toEncoder(encoder, 'encoder')
    this.#key = toKey('key', key)
    this.#keys = [this.#key, ...oldKeys.map((old, index) => toKey(`oldKeys[${index}]`, old))]
    if (typeof additionalData !== 'string' && !types.isUint8Array(additionalData)) {
      const problem = `must be a Uint8Array or a string, not ${kindOf(additionalData)}`
      throw new InvalidArgumentError('additionalData', problem)
    }
    this.#additionalData = Buffer.from(additionalData)
    this.#acceptsEmpty = acceptsEmpty
  }

  /** @throws EncodingError (`ERR_GEARMAN_ENCODING`) when the inner encoder cannot encode the value */
  encode(value: In): Uint8Array {
    return this.#encrypt(this.#inner.encode(value))
  }

  /**
   * @throws EncodingError (`ERR_GEARMAN_ENCODING`) when the bytes were not encrypted with one of the keys and the
   * same additional data, or were changed; and when the inner encoder cannot decode what was in them
   */
  decode(bytes: Buffer): Out {
    if (bytes.length === 0 && this.#acceptsEmpty) return this.#inner.decode(bytes)
    return this.#inner.decode(this.#decrypt(bytes))
  }

  /** What the inner encoder makes of it, encrypted. */
  override encodeError(error: unknown): Uint8Array {
    return this.#encrypt(this.#inner.encodeError(error))
  }

  /** @throws EncodingError (`ERR_GEARMAN_ENCODING`) as {@link decode} does */
  override decodeError(bytes: Buffer): unknown {
    return this.#inner.decodeError(this.#decrypt(bytes))
  }

  #encrypt(bytes: Uint8Array): Buffer {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv(this.#key.cipher, this.#key.secret, nonce)
    cipher.setAAD(this.#additionalData)
    return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()])
  }

  #decrypt(bytes: Buffer): Buffer {
    let cause: unknown = new RangeError(`fewer than ${NONCE_BYTES + TAG_BYTES} bytes`)
    if (bytes.length >= NONCE_BYTES + TAG_BYTES) {
      for (const key of this.#keys) {
        try {
          return this.#decryptWith(key, bytes)
        } catch (error) {
          cause = error // The next key may fit.
        }
      }
    }
    throw new EncodingError(
      `a payload of ${bytes.length} bytes was not encrypted with this key and additional data, or was changed`,
      { cause },
    )
  }

  #decryptWith({ cipher, secret }: Key, bytes: Buffer): Buffer {
    const nonce = bytes.subarray(0, NONCE_BYTES)
    const options = { authTagLength: TAG_BYTES }
    const decipher = createDecipheriv(cipher, secret, nonce, options)
    decipher.setAAD(this.#additionalData)
    decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES))
    const text = decipher.update(bytes.subarray(NONCE_BYTES, bytes.length - TAG_BYTES))
    return Buffer.concat([text, decipher.final()])
  }
}

function toKey(name: string, bytes: unknown): Key {
  const cipher = types.isUint8Array(bytes) ? CIPHERS[bytes.length] : undefined
  if (cipher !== undefined && types.isUint8Array(bytes)) {
    return { cipher, secret: createSecretKey(bytes) }
  }
  // Never the key itself.
  const given = types.isUint8Array(bytes) ? `${bytes.length} bytes` : kindOf(bytes)
  throw new InvalidArgumentError(name, `must be a Uint8Array of 16, 24 or 32 bytes, not ${given}`)
}
