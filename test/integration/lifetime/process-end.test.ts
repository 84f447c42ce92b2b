import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { describeBackends, taskStatus } from '../../helpers/backends.ts'
import { newTask, useClient, useWorker } from '../../helpers/fixtures.ts'
import { runScript, startScript } from '../../helpers/run-script.ts'

const EVERYTHING = fileURLToPath(new URL('scripts/everything.ts', import.meta.url))
const SIGNALS = fileURLToPath(new URL('scripts/signals.ts', import.meta.url))

/** Each test starts a program: a busy machine is slow, not broken. */
const TIMEOUT_MS = 180_000
const PATIENCE = { timeout: TIMEOUT_MS }

/** Lines of a child, one after the other, and how it ended. */
class Child {
  readonly #process: ChildProcess
  readonly #closed: Promise<unknown>
  #output = ''

  constructor(process: ChildProcess) {
    this.#process = process
    this.#closed = once(process, 'close')
    for (const stream of [process.stdout, process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text
      })
    }
  }

  /** Resolves when that line has come. */
  async untilLine(line: string, times = 1): Promise<void> {
    await expect
      .poll(() => this.#output.split('\n').filter((one) => one === line).length, {
        ...PATIENCE,
        interval: 5,
      })
      .toBe(times)
  }

  signal(name: NodeJS.Signals): void {
    this.#process.kill(name)
  }

  async end(): Promise<{ code: number | null; signal: NodeJS.Signals | null; output: string }> {
    await this.#closed
    const { exitCode: code, signalCode: signal } = this.#process
    return { code, signal, output: this.#output }
  }
}

describeBackends('the end of a process', (backend) => {
  test('comes by itself when everything is shut down: no timer and no socket is left', async () => {
    const script = { servers: backend.address, args: [newTask()] }
    const { code, stderr, stdout } = await runScript(EVERYTHING, script)
    expect(stderr).toBe('')
    expect(stdout).toBe('done\ndone\ndone\nagain\nUNKNOWN\nleft: \n')
    expect(code).toBe(0)
  })

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'comes in good order at %s: jobs end, with the client that they use',
    async (signal) => {
      const task = newTask()
      await useWorker(backend, { [`${task}-inner`]: ({ data }) => data })
      const child = new Child(startScript(SIGNALS, { servers: backend.address, args: [task] }))
      const client = useClient(backend)
      const calls = [client.do(task, 'one'), client.do(task, 'two')]
      await child.untilLine('started', 2)
      const third = client.submitJob(task, 'three', { background: true })
      child.signal(signal)
      expect((await Promise.all(calls)).map(String)).toEqual(['one', 'two'])
      const { output, ...end } = await child.end()
      expect(end).toEqual({ code: 0, signal: null })
      expect(output).toBe(`started\nstarted\nstopping\nstopped at ${signal}\n`)
      await third
      // The server may hear of the end of the process later than we do.
      await expect
        .poll(() => taskStatus(backend, task), PATIENCE)
        .toEqual({ jobs: 1, running: 0, workers: 0 })
    },
  )

  test('does not wait for jobs longer than the timeout; their servers have them back', async () => {
    const task = newTask()
    const script = { servers: backend.address, args: [task, '50'] }
    const child = new Child(startScript(SIGNALS, script))
    await useClient(backend).submitJob(`${task}-stubborn`, '', { background: true })
    await child.untilLine('started')
    child.signal('SIGTERM')
    const { output, ...end } = await child.end()
    expect(end).toEqual({ code: 0, signal: null })
    expect(output).toBe('started\nstopping\naborted\nstopped at SIGTERM\n')
    await expect
      .poll(() => taskStatus(backend, `${task}-stubborn`), PATIENCE)
      .toEqual({ jobs: 1, running: 0, workers: 0 })
  })

  test('comes at once at the second signal, as without any handling', async () => {
    const task = newTask()
    const child = new Child(startScript(SIGNALS, { servers: backend.address, args: [task] }))
    await useClient(backend).submitJob(`${task}-stubborn`, '', { background: true })
    await child.untilLine('started')
    child.signal('SIGINT')
    await child.untilLine('stopping')
    child.signal('SIGINT')
    expect(await child.end()).toMatchObject({ code: null, signal: 'SIGINT' })
  })
})
