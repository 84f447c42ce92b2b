import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type TestPeer, TestServer } from '../../unit/server/server-harness.ts'

interface QueuedJob {
  readonly name: string
  readonly priority: number
  readonly data: string
}

/** What gearmand does, written down as plainly as can be: lists that are walked from the front. */
class PlainWorker {
  readonly #functions: string[] = []
  readonly #isRoundRobin: boolean
  readonly #isPriorityFirst: boolean

  constructor(isRoundRobin: boolean, isPriorityFirst: boolean) {
    this.#isRoundRobin = isRoundRobin || isPriorityFirst
    this.#isPriorityFirst = isPriorityFirst
  }

  register(name: string): void {
    this.#functions.unshift(name)
  }

  grab(queue: QueuedJob[]): string | undefined {
    const priorities = this.#isPriorityFirst ? [[0], [1], [2]] : [[0, 1, 2]]
    for (const allowed of priorities) {
      const index = this.#functions.findIndex((name) =>
        queue.some((job) => job.name === name && allowed.includes(job.priority)),
      )
      const name = this.#functions[index]
      if (name === undefined) continue
      if (this.#isRoundRobin) this.#functions.push(...this.#functions.splice(index, 1))
      const [job] = queue
        .filter((other) => other.name === name)
        .sort((one, other) => one.priority - other.priority)
      if (job !== undefined) queue.splice(queue.indexOf(job), 1)
      return job?.data
    }
    return undefined
  }
}

const SUBMITS = ['SUBMIT_JOB_HIGH_BG', 'SUBMIT_JOB_BG', 'SUBMIT_JOB_LOW_BG'] as const

const scenario = fc.record({
  isRoundRobin: fc.boolean(),
  isPriorityFirst: fc.boolean(),
  /** Few functions are walked, many are looked up; with doubles they are walked again. */
  registrations: fc.oneof(
    fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 8 }),
    fc.uniqueArray(fc.nat({ max: 99 }), { minLength: 20, maxLength: 60 }),
    fc.array(fc.nat({ max: 40 }), { minLength: 20, maxLength: 60 }),
  ),
  steps: fc.array(
    fc.oneof(
      fc.constant('grab' as const),
      fc.record({
        name: fc.nat({ max: 60 }).map((number) => `f${number}`),
        priority: fc.nat({ max: 2 }),
      }),
    ),
    { maxLength: 60 },
  ),
})

/** A server and the model, side by side. */
class Comparison {
  readonly #client: TestPeer
  readonly #worker: TestPeer
  readonly #model: PlainWorker
  readonly #queue: QueuedJob[] = []

  constructor(isRoundRobin: boolean, isPriorityFirst: boolean) {
    const compat = isPriorityFirst ? '2.0' : '1.1.20'
    const server = new TestServer({ roundRobin: isRoundRobin, compat })
    this.#client = server.connect()
    this.#worker = server.connect()
    this.#model = new PlainWorker(isRoundRobin, isPriorityFirst)
  }

  register(name: string): void {
    this.#worker.play('CAN_DO', name)
    this.#model.register(name)
  }

  submit(job: QueuedJob): void {
    this.#client.play(SUBMITS[job.priority] ?? 'SUBMIT_JOB_BG', job.name, '', job.data)
    this.#queue.push(job)
  }

  grab(): void {
    const [reply = ''] = this.#worker.play('GRAB_JOB')
    const data = reply === 'NO_JOB' ? undefined : reply.split(' ').at(-1)
    expect(data).toBe(this.#model.grab(this.#queue))
  }
}

describe('which job a worker gets', () => {
  test('is what walking through its functions gives, however many there are', () => {
    fc.assert(
      fc.property(scenario, ({ isRoundRobin, isPriorityFirst, registrations, steps }) => {
        const comparison = new Comparison(isRoundRobin, isPriorityFirst)
        for (const number of registrations) comparison.register(`f${number}`)
        for (const [index, step] of steps.entries()) {
          if (step === 'grab') comparison.grab()
          else comparison.submit({ ...step, data: `job-${index}` })
        }
        for (let left = steps.length; left >= 0; left -= 1) comparison.grab()
      }),
      { numRuns: 300 },
    )
  })
})
