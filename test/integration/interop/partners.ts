import { fileURLToPath } from 'node:url'
import { GearmanAdminClient, GearmanWorker, type GearmanWorkerOptions } from 'gearman-sdk'
import { expect, onTestFinished, vi } from 'vitest'
import type { EncoderSource } from '../../../src/encoders/encoder-source.ts'
import type { Backend } from '../../helpers/backends.ts'
import { type Program, runProgram, useProgram } from '../../helpers/run-program.ts'

/** What the clients of all languages submit for `echo`. */
export const VALUE: object = {
  name: 'Grüße',
  list: [1, 2.5, true, null],
  nested: { 7: 'seven' },
  empty: [],
}

/** The path of one of the scripts. */
export function scriptPath(name: string): string {
  return fileURLToPath(new URL(`scripts/${name}`, import.meta.url))
}

/** Our worker, with `echo`, `steps` and `throw` in one or more formats: `echo-php` and so on. */
export function useTasks(
  backend: Backend,
  encoders: Readonly<Record<string, EncoderSource>>,
  options?: GearmanWorkerOptions,
): void {
  const worker = new GearmanWorker(backend.address, options)
  for (const [format, dataEncoder] of Object.entries(encoders)) {
    const suffix = format === '' ? '' : `-${format}`
    const isText = format === 'text'
    worker.registerTask(`echo${suffix}`, (_worker, job) => job.data, { dataEncoder })
    worker.registerTask(
      `steps${suffix}`,
      async (_worker, job) => {
        const steps = Number(job.data)
        for (let step = 1; step <= steps; step += 1) {
          // The encoder of the task takes any plain data; bytes have none.
          await job.sendData((isText ? `step ${step}` : { step }) as never)
          await job.sendStatus(step, steps)
        }
        await job.sendWarning('nearly done')
        return 'done'
      },
      { dataEncoder },
    )
    worker.registerTask(
      `throw${suffix}`,
      (_worker, job) => {
        throw new RangeError(String(job.data))
      },
      { dataEncoder },
    )
  }
  const working = worker.work()
  onTestFinished(async () => {
    await worker.shutdown()
    await working
  })
}

/** What a client of another language tells of one job of each kind, which our worker did. */
export function toldOfAll(exception: unknown, value: unknown = VALUE): unknown[] {
  return [
    ['complete', value],
    ['data', { step: 1 }],
    ['status', [1, 2]],
    ['data', { step: 2 }],
    ['status', [2, 2]],
    ['warning', 'nearly done'],
    ['complete', 'done'],
    ['exception', exception],
  ]
}

/** Runs a client of another language, and gives what it told. */
export async function runClient(
  backend: Backend,
  program: Program,
  args: readonly string[],
): Promise<unknown> {
  const [script = '', ...rest] = args
  const env = { GEARMAN_SERVERS: backend.address }
  const { code, stdout, stderr } = await runProgram(program, [scriptPath(script), ...rest], { env })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout)
}

/** Starts a worker of another language, and waits until the server knows its tasks. */
export async function useForeignWorker(
  backend: Backend,
  program: Program,
  args: readonly string[],
  task: string,
): Promise<void> {
  const [script = '', ...rest] = args
  const env = { GEARMAN_SERVERS: backend.address }
  useProgram(program, [scriptPath(script), ...rest], { env })
  await untilThereAreWorkers(backend, task, true)
}

/** Resolves when a task has workers, or has none any more. */
export async function untilThereAreWorkers(
  backend: Backend,
  task: string,
  areThere: boolean,
): Promise<void> {
  await using admin = new GearmanAdminClient(backend.address)
  await vi.waitFor(
    async () => {
      const status = await admin.getStatus()
      const workers = status.find((row) => row.task === task)?.workers ?? 0
      expect(workers > 0).toBe(areThere)
    },
    // Several programs may start at the same time, on a busy machine.
    { timeout: 150_000, interval: 50 },
  )
}
