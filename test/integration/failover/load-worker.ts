import { setTimeout as sleep } from 'node:timers/promises'
import { GearmanWorker, type GearmanWorkerJob, type GearmanWorkerOptions } from 'gearman-sdk'
import type { LoadRecord } from './load-record.ts'

/** The tasks of all workers. Jobs of `limited` have connections of their own, one job at a time. */
export const TASKS = { echo: 'standing-echo', limited: 'standing-limited', fail: 'standing-fail' }

const MAX_WORK_MS = 15

/** What `echo` and `limited` return. */
export function echoOf(data: string): string {
  return `${data.split(' ', 1)[0]} of ${data.length}`
}

/** A worker that checks, job by job, what a worker promises, whatever happens to its connections. */
export class LoadWorker {
  readonly worker: GearmanWorker
  readonly #record: LoadRecord
  readonly #random: () => number
  readonly #concurrency: number
  /** Lost jobs whose callbacks have not settled. */
  readonly #lost = new Set<GearmanWorkerJob>()
  #running = 0
  #runningLimited = 0
  /** How many jobs may run because servers were slow to assign them. */
  #overcommitted = 0

  constructor(
    hostList: readonly string[],
    options: GearmanWorkerOptions & { readonly concurrency: number },
    record: LoadRecord,
    random: () => number,
  ) {
    this.#record = record
    this.#random = random
    this.#concurrency = options.concurrency
    this.worker = new GearmanWorker(hostList, options)
    this.worker.registerTask(TASKS.echo, (_worker, job) => this.#run(job))
    this.worker.registerTask(TASKS.limited, (_worker, job) => this.#runLimited(job), {
      concurrency: 1,
    })
    this.worker.registerTask(TASKS.fail, (_worker, job) => {
      this.#note(job)
      throw new RangeError('on purpose')
    })
    this.#watch()
  }

  /** Whether a callback still runs, or a lost job has not been told to be over. */
  get isIdle(): boolean {
    return this.#running === 0 && this.#lost.size === 0
  }

  #watch(): void {
    this.worker.on('overcommit', ({ running }) => {
      this.#overcommitted = running
      this.#record.count('worker: overcommit')
    })
    this.worker.on('jobLost', ({ job }) => {
      this.#record.count('worker: job lost')
      if (!job.signal.aborted) this.#record.blame(`${job.handle} is lost, its signal not aborted`)
      this.#lost.add(job)
    })
    this.worker.on('resultDropped', ({ job }) => {
      this.#record.count('worker: result dropped')
      if (!this.#lost.delete(job)) this.#record.blame(`${job.handle} was dropped, and not lost`)
    })
    this.worker.on('serverError', ({ error }) => this.#record.count(`worker: ${error.serverCode}`))
    this.worker.on('state', ({ to }) => this.#record.count(`worker: connection ${to}`))
  }

  async #runLimited(job: GearmanWorkerJob<Buffer>): Promise<string> {
    this.#runningLimited += 1
    if (this.#runningLimited > Math.max(1, this.#overcommitted)) {
      this.#record.blame(`${this.#runningLimited} jobs of a task that allows one`)
    }
    try {
      return await this.#run(job)
    } finally {
      this.#runningLimited -= 1
    }
  }

  async #run(job: GearmanWorkerJob<Buffer>): Promise<string> {
    this.#note(job)
    this.#running += 1
    if (this.#running <= this.#concurrency) this.#overcommitted = 0
    else if (this.#running > this.#overcommitted) {
      this.#record.blame(`${this.#running} jobs run instead of ${this.#concurrency}`)
    }
    try {
      // Some heed their signal, some go on although nobody wants the result.
      const signal = this.#random() < 0.5 ? job.signal : undefined
      if (this.#random() < 0.7) await sleep(this.#random() * MAX_WORK_MS, undefined, { signal })
      return echoOf(job.data.toString())
    } finally {
      this.#running -= 1
    }
  }

  #note(job: GearmanWorkerJob<Buffer>): void {
    const id = Number(job.data.toString('latin1', 0, 20).split(' ', 1)[0])
    if (Number.isInteger(id)) this.#record.onRun(id)
    else this.#record.count('worker: shared job')
  }
}
