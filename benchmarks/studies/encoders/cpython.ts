import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const SCRIPT = fileURLToPath(new URL('./cpython.py', import.meta.url))

/** A python3 that measures its own pickle. */
export class CPython {
  readonly #process: ChildProcess
  readonly #lines: AsyncIterator<string>
  /** The structure as `json`, `pickle 2` and `pickle 4`. */
  readonly forms: ReadonlyMap<string, Buffer>

  private constructor(
    child: ChildProcess,
    lines: AsyncIterator<string>,
    forms: ReadonlyMap<string, Buffer>,
  ) {
    this.#process = child
    this.#lines = lines
    this.forms = forms
  }

  /** @returns undefined where there is no python3 */
  static async start(): Promise<CPython | undefined> {
    const child = spawn('python3', [SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] })
    child.once('error', () => undefined) // The lines end then.
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const forms = new Map<string, Buffer>()
    for (;;) {
      const { value, done } = await lines.next()
      if (done) return undefined
      if (value === '') return new CPython(child, lines, forms)
      const [name = '', form = ''] = value.split('\t')
      forms.set(name, Buffer.from(form, 'base64'))
    }
  }

  /** Milliseconds of the fastest of some runs. */
  async measure(task: string): Promise<number> {
    this.#process.stdin?.write(`${task}\n`)
    const { value } = await this.#lines.next()
    return Number(value)
  }

  stop(): void {
    this.#process.kill()
  }
}
