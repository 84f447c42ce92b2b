import { show } from '../core/checks.ts'
import { InvalidArgumentError } from '../errors.ts'
import type { AnyEncoder } from './data-encoder.ts'
import { type EncoderSource, toEncoder } from './encoder-source.ts'
import { RawDataEncoder } from './raw-data-encoder.ts'

/** Where the encoders of a client or worker come from. */
export interface EncoderOptions {
  /** The encoder of all tasks that have none of their own. */
  readonly dataEncoder?: EncoderSource | undefined
  /** Encoders of single tasks. */
  readonly taskEncoders?: { readonly [task: string]: EncoderSource } | undefined
}

/**
 * The encoder of each task. Looked up in this order: per task, option, the property `dataEncoder` of a subclass
 * (python-gearman's way), raw. The property is read when it is needed: a subclass sets it after the base
 * class was constructed.
 */
export class EncoderRegistry {
  readonly #byTask = new Map<string, AnyEncoder>()
  readonly #option: AnyEncoder | undefined
  readonly #property: () => EncoderSource | undefined
  #source: EncoderSource | undefined
  #encoder: AnyEncoder = new RawDataEncoder()

  /**
   * @param options - as the user gave them
   * @param property - reads the property of the subclass
   * @throws InvalidArgumentError for something that is no encoder
   */
  constructor(options: EncoderOptions, property: () => EncoderSource | undefined) {
    const { dataEncoder, taskEncoders = {} } = options
    this.#option = dataEncoder === undefined ? undefined : toEncoder(dataEncoder)
    this.#property = property
    if (typeof taskEncoders !== 'object' || taskEncoders === null) {
      throw new InvalidArgumentError('taskEncoders', `must be an object, not ${show(taskEncoders)}`)
    }
    for (const [task, source] of Object.entries(taskEncoders)) this.set(task, source)
  }

  /** Gives a task an encoder of its own, or takes it away. */
  set(task: string, source: EncoderSource | undefined): void {
    if (source === undefined) this.#byTask.delete(task)
    else this.#byTask.set(task, toEncoder(source, `the encoder of task ${task}`))
  }

  /** The encoder of a task. */
  encoderFor(task: string): AnyEncoder {
    return this.#byTask.get(task) ?? this.#option ?? this.#fromProperty()
  }

  #fromProperty(): AnyEncoder {
    const source = this.#property()
    if (source !== this.#source) {
      this.#encoder = source === undefined ? new RawDataEncoder() : toEncoder(source)
      this.#source = source
    }
    return this.#encoder
  }
}
