import { execFileSync } from 'node:child_process'
import { describeError } from '../describe-error.ts'
import { StartFailure } from './start-failure.ts'

/** The account that the server runs as once its port is open. */
export class Account {
  readonly #name: string
  readonly #uid: number
  readonly #gid: number
  readonly #groups: readonly number[]

  /** @throws StartFailure when this process is not root's, or there is no such account */
  constructor(name: string) {
    if (process.geteuid?.() !== 0) {
      throw new StartFailure(`--user ${name}: must be root to switch users`)
    }
    this.#name = name
    this.#uid = lookUp(name, '-u')[0] ?? 0
    this.#gid = lookUp(name, '-g')[0] ?? 0
    this.#groups = lookUp(name, '-G')
  }

  /**
   * Runs `action` with the rights of the account: what can be opened now can be opened again later. The rights
   * are those of the whole process until what `action` returns has settled.
   *
   * @throws StartFailure (as a rejection) when that is not allowed, and whatever `action` throws
   */
  async actAs<T>(action: () => T | Promise<T>): Promise<T> {
    const before = { gid: process.getegid?.() ?? 0, groups: process.getgroups?.() ?? [] }
    this.#try(() => {
      process.setgroups?.(this.#groups)
      process.setegid?.(this.#gid)
      process.seteuid?.(this.#uid)
    })
    try {
      return await action()
    } finally {
      process.seteuid?.(0)
      process.setegid?.(before.gid)
      process.setgroups?.(before.groups)
    }
  }

  /** Gives up root for good. @throws StartFailure */
  become(): void {
    this.#try(() => {
      process.setgroups?.(this.#groups)
      process.setgid?.(this.#gid)
      process.setuid?.(this.#uid)
    })
  }

  #try(action: () => void): void {
    try {
      action()
    } catch (cause) {
      const problem = `--user ${this.#name}: cannot switch: ${describeError(cause)}`
      throw new StartFailure(problem, { cause })
    }
  }
}

/** Node has no `getpwnam`; `id` asks the same sources, directory services too. */
function lookUp(name: string, what: '-u' | '-g' | '-G'): number[] {
  try {
    const output = execFileSync('id', [what, '--', name], { stdio: ['ignore', 'pipe', 'ignore'] })
    return output.toString().trim().split(/\s+/).map(Number)
  } catch (cause) {
    throw new StartFailure(`--user ${name}: there is no such user`, { cause })
  }
}
