import { setTimeout as sleep } from 'node:timers/promises'
import { type GearmanClient, JOB_CREATED, type JobOptions } from 'gearman-sdk'
import { type CallToJudge, judge } from './judge.ts'
import type { LoadRecord } from './load-record.ts'
import { echoOf, TASKS } from './load-worker.ts'

/** What each call has at most. */
export const DEADLINE_MS = 8_000
const MAX_PAUSE_MS = 12
const MAX_ABORT_MS = 30
const SHARED_IDS = 40
const BURST = 25
const LARGE_BYTES = 100_000

type Job = JobOptions & { readonly task: string; readonly data: string }

/** One job, and what must become of it. */
interface Call extends Omit<CallToJudge, 'deadlineMs'> {
  readonly name: string
  readonly job: Job
  /** Its number; `undefined` for one that may join another. */
  readonly id: number | undefined
}

/** Somebody who submits jobs of all kinds, one call after the other, and looks at what becomes of each. */
export class LoadClient {
  readonly #client: GearmanClient
  readonly #record: LoadRecord
  readonly #random: () => number

  constructor(client: GearmanClient, record: LoadRecord, random: () => number) {
    this.#client = client
    this.#record = record
    this.#random = random
  }

  /** Submits until the signal aborts; resolves when the last call has settled. */
  async run(until: AbortSignal): Promise<void> {
    while (!until.aborted) {
      if (this.#random() < 0.1) await this.#abortedCall()
      else await this.#settledCalls()
      await sleep(this.#random() * MAX_PAUSE_MS)
    }
  }

  async #settledCalls(): Promise<void> {
    const calls = Array.from({ length: this.#random() < 0.05 ? BURST : 1 }, () => this.#nextCall())
    const startMs = performance.now()
    const requests = await this.#client.submitMultipleJobs(
      calls.map(({ job }) => job),
      { pollTimeout: DEADLINE_MS },
    )
    const elapsedMs = performance.now() - startMs
    this.#record.onSettled(elapsedMs, DEADLINE_MS)
    for (const [index, call] of calls.entries()) {
      const request = requests[index]
      if (request === undefined) throw new Error('a batch has as many requests as jobs')
      const verdict = judge(request, { ...call, deadlineMs: DEADLINE_MS }, elapsedMs)
      if (!verdict.isRight) this.#record.blame(`${call.name} ${call.id}: ${verdict.problem}`)
      else this.#record.count(`${call.name}: ${verdict.name}`)
      if (call.id === undefined) continue
      if (request.background && request.state === JOB_CREATED) this.#record.onAccepted(call.id)
      if (request.delivery === 'not-sent') this.#record.onUnsent(call.id)
    }
  }

  /** A call whose signal aborts at any moment: it has its result by then, or rejects with the reason. */
  async #abortedCall(): Promise<void> {
    const id = this.#record.newId()
    const controller = new AbortController()
    const reason = new Error('not wanted any more')
    const timer = setTimeout(() => controller.abort(reason), this.#random() * MAX_ABORT_MS)
    const options = { signal: controller.signal, pollTimeout: DEADLINE_MS, idempotent: true }
    const startMs = performance.now()
    try {
      const result = await this.#client.do(TASKS.echo, String(id), options)
      if (String(result) !== echoOf(String(id))) this.#record.blame(`aborted ${id}: ${result}`)
      this.#record.count('aborted: complete before')
    } catch (error) {
      if (error === reason) this.#record.count('aborted: rejected')
      else this.#record.blame(`aborted ${id}: ${error}`)
    } finally {
      clearTimeout(timer)
    }
    this.#record.onSettled(performance.now() - startMs, DEADLINE_MS)
  }

  #nextCall(): Call {
    const dice = this.#random()
    if (dice < 0.2) return this.#call('plain', TASKS.echo, {})
    if (dice < 0.35) return this.#call('with maxRetries', TASKS.echo, { maxRetries: 3 })
    if (dice < 0.5) return this.#call('idempotent', TASKS.limited, { idempotent: true })
    if (dice < 0.55) return this.#call('failing', TASKS.fail, { maxRetries: 1 }, undefined)
    if (dice < 0.65) return this.#shared()
    if (dice < 0.85) return this.#call('background', TASKS.echo, { background: true })
    const options = { background: true, maxRetries: 5 }
    return this.#call('background with maxRetries', TASKS.limited, options)
  }

  #call(name: string, task: string, options: JobOptions, ...failing: [] | [undefined]): Call {
    const id = this.#record.newId()
    const size = this.#random() < 0.02 ? LARGE_BYTES : 0
    const data = size === 0 ? String(id) : `${id} ${'x'.repeat(size)}`
    const expected = failing.length === 0 ? echoOf(data) : undefined
    return callOf(name, id, expected, { ...options, task, data })
  }

  /** Many ask for the same at once: they may become one job. */
  #shared(): Call {
    const unique = `shared-${Math.floor(this.#random() * SHARED_IDS)}`
    const job = { task: TASKS.echo, data: unique, unique, idempotent: true }
    return callOf('shared', undefined, echoOf(unique), job)
  }
}

function callOf(
  name: string,
  id: number | undefined,
  expected: string | undefined,
  job: Job,
): Call {
  const { maxRetries = 0, idempotent: isIdempotent = false } = job
  return { name, id, expected, job, maxRetries, isIdempotent }
}
