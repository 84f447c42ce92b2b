import { closeSync, openSync } from 'node:fs'
import { devNull } from 'node:os'
import { ConnectionError } from '../errors.ts'

/**
 * Tells when the process has no file descriptor left. libuv then accepts and closes whoever connects, which
 * keeps it from spinning, and tells nobody (`uv__emfile_trick` in its `stream.c`).
 */
export class DescriptorWatch {
  readonly #onExhausted: (error: ConnectionError) => void
  #isExhausted = false

  constructor(onExhausted: (error: ConnectionError) => void) {
    this.#onExhausted = onExhausted
  }

  /** Called when a descriptor was taken. Tells once, until there were some again. Costs some microseconds. */
  check(): void {
    try {
      closeSync(openSync(devNull, 'r'))
      this.#isExhausted = false
    } catch (cause) {
      if (!isExhaustion(cause) || this.#isExhausted) return
      this.#isExhausted = true
      const message = 'no file descriptor is left: whoever connects now is turned away'
      this.#onExhausted(new ConnectionError(message, { cause }))
    }
  }
}

function isExhaustion(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'EMFILE' || code === 'ENFILE'
}
