import { closeSync, existsSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs'
import { systemReason } from '../describe-error.ts'
import { StartFailure } from './start-failure.ts'

/** The file that tells others which process to signal: `PID\n`, as gearmand writes it. */
export class PidFile {
  readonly #path: string
  #fd: number | undefined
  #isOurs: boolean

  /**
   * Makes sure that it can be written, and leaves what stands in it: another server may be the one that
   * holds the port.
   *
   * @throws StartFailure
   */
  constructor(path: string) {
    this.#path = path
    this.#isOurs = !existsSync(path)
    this.#fd = this.#try(() => openSync(path, 'a'))
  }

  /** Overwrites it with the id of this process. @throws StartFailure */
  write(): void {
    const fd = this.#fd
    if (fd === undefined) return
    this.#isOurs = true
    this.#try(() => {
      ftruncateSync(fd)
      writeSync(fd, `${process.pid}\n`)
    })
    this.#close()
  }

  /** Removes it, unless it is somebody else's. @throws StartFailure */
  remove(): void {
    this.#close()
    if (!this.#isOurs) return
    this.#isOurs = false
    this.#try(() => rmSync(this.#path, { force: true }))
  }

  #close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
  }

  #try<T>(action: () => T): T {
    try {
      return action()
    } catch (cause) {
      const problem = `cannot write pid file ${this.#path}: ${systemReason(cause)}`
      throw new StartFailure(problem, { cause })
    }
  }
}
