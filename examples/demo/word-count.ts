import type { GearmanClient, JobToSubmit, TaskName, TaskRequest } from 'gearman-sdk'
import { JOB_COMPLETE } from 'gearman-sdk'
import { DemoError } from './demo-error.ts'
import { ProgressBar } from './progress-bar.ts'
import type { CountedBy, WordCounts, WordCountTasks } from './tasks.ts'
import { readPieces, type TextFile, type TextPiece } from './text-files.ts'

/** How much text is held in memory, and is with the server, at one time. */
const BATCH_BYTES = 16 * 1024 * 1024
const BATCH_JOBS = 1000
/** How many partial counts one reduce job adds up. */
const PARTS_PER_REDUCE = 16
const REDRAW_MS = 50

/** What one worker has done. */
export interface WorkerShare {
  mapJobs: number
  reduceJobs: number
  words: number
}

/** What {@link countWordsOf} gives. */
export interface WordCountResult {
  readonly counts: WordCounts
  readonly mapJobs: number
  readonly reduceJobs: number
  readonly workers: ReadonlyMap<string, WorkerShare>
}

type DemoClient = GearmanClient<WordCountTasks>
type DemoJob = JobToSubmit<WordCountTasks>
type DemoRequest = TaskRequest<WordCountTasks, TaskName<WordCountTasks>>

/** Counts the words of files: the client's side of map and reduce. */
export class WordCount {
  readonly #client: DemoClient
  readonly #out: NodeJS.WriteStream
  readonly #signal: AbortSignal
  readonly #workers = new Map<string, WorkerShare>()
  #mapJobs = 0
  #reduceJobs = 0

  /** @param signal - ends it early: when a worker is lost */
  constructor(client: DemoClient, out: NodeJS.WriteStream, signal: AbortSignal) {
    this.#client = client
    this.#out = out
    this.#signal = signal
  }

  async run(files: readonly TextFile[]): Promise<WordCountResult> {
    const partial = await this.#map(files)
    const counts = await this.#reduce(partial)
    return {
      counts,
      mapJobs: this.#mapJobs,
      reduceJobs: this.#reduceJobs,
      workers: this.#workers,
    }
  }

  /** One job for each file, or for each piece of a large one. */
  async #map(files: readonly TextFile[]): Promise<WordCounts[]> {
    const bar = new ProgressBar(this.#out, 'map   ')
    const total = files.reduce((sum, { bytes }) => sum + bytes, 0)
    const partial: WordCounts[] = []
    let finished = 0
    for await (const pieces of batches(files)) {
      const jobs = pieces.map(
        ({ text }): DemoJob => ({ task: 'demo:countWords', data: { text }, ...SAFE_TO_REPEAT }),
      )
      const done = await this.#runJobs(jobs, (requests) => {
        const bytes = pieces.reduce(
          (sum, piece, index) => sum + piece.bytes * progress(requests[index]),
          finished,
        )
        bar.show(bytes / total, `${this.#mapJobs + countDone(requests)} jobs`)
      })
      this.#mapJobs += jobs.length
      finished += pieces.reduce((sum, { bytes }) => sum + bytes, 0)
      for (const { counts, worker } of done) {
        partial.push(counts)
        const share = this.#shareOf(worker)
        share.mapJobs += 1
        share.words += counts.total
      }
    }
    bar.close()
    return partial
  }

  /** Adds up partial counts, {@link PARTS_PER_REDUCE} in one job, round by round until one is left. */
  async #reduce(partial: readonly WordCounts[]): Promise<WordCounts> {
    const bar = new ProgressBar(this.#out, 'reduce')
    let parts = partial
    const expected = countReduceJobs(parts.length)
    do {
      const jobs = groups(parts).map(
        (data): DemoJob => ({ task: 'demo:mergeCounts', data, ...SAFE_TO_REPEAT }),
      )
      const done = await this.#runJobs(jobs, (requests) => {
        const count = this.#reduceJobs + countDone(requests)
        bar.show(count / expected, `${count} jobs`)
      })
      this.#reduceJobs += jobs.length
      for (const { worker } of done) this.#shareOf(worker).reduceJobs += 1
      parts = done.map(({ counts }) => counts)
    } while (parts.length > 1)
    bar.close()
    const [counts = { words: [], total: 0 }] = parts
    return counts
  }

  /** Submits jobs, and looks at what the workers report until all are done. */
  async #runJobs(
    jobs: readonly DemoJob[],
    redraw: (requests: readonly DemoRequest[]) => void,
  ): Promise<CountedBy[]> {
    const limits = { signal: this.#signal }
    const requests = await this.#client.submitMultipleJobs(jobs, {
      ...limits,
      waitUntilComplete: false,
    })
    const timer = setInterval(() => redraw(requests), REDRAW_MS)
    try {
      await this.#client.waitUntilJobsCompleted(requests, limits)
    } finally {
      clearInterval(timer)
    }
    redraw(requests)
    return requests.map(resultOf)
  }

  #shareOf(worker: string): WorkerShare {
    const share = this.#workers.get(worker) ?? { mapJobs: 0, reduceJobs: 0, words: 0 }
    this.#workers.set(worker, share)
    return share
  }
}

/** Counting twice does no harm: a job is sent again when its server is lost. */
const SAFE_TO_REPEAT = { idempotent: true, maxRetries: 3 } as const

async function* batches(files: readonly TextFile[]): AsyncGenerator<TextPiece[]> {
  let batch: TextPiece[] = []
  let bytes = 0
  for (const file of files) {
    for await (const piece of readPieces(file)) {
      batch.push(piece)
      bytes += piece.bytes
      if (bytes < BATCH_BYTES && batch.length < BATCH_JOBS) continue
      yield batch
      batch = []
      bytes = 0
    }
  }
  if (batch.length > 0) yield batch
}

function groups(parts: readonly WordCounts[]): WordCounts[][] {
  const count = Math.max(1, Math.ceil(parts.length / PARTS_PER_REDUCE))
  return Array.from({ length: count }, (_, index) =>
    parts.slice(index * PARTS_PER_REDUCE, (index + 1) * PARTS_PER_REDUCE),
  )
}

function countReduceJobs(parts: number): number {
  const jobs = Math.max(1, Math.ceil(parts / PARTS_PER_REDUCE))
  return jobs === 1 ? 1 : jobs + countReduceJobs(jobs)
}

/** How much of a job is done, 0 to 1, as its worker has reported. */
function progress(request: DemoRequest | undefined): number {
  if (request?.complete === true) return 1
  const { numerator = 0, denominator = 0 } = request?.status ?? {}
  return denominator > 0 ? numerator / denominator : 0
}

function countDone(requests: readonly DemoRequest[]): number {
  return requests.filter(({ complete }) => complete).length
}

function resultOf(request: DemoRequest): CountedBy {
  const { state, result, error, exception, job } = request
  if (state === JOB_COMPLETE && result !== undefined) return result
  const reason = error?.message ?? (exception === undefined ? state : JSON.stringify(exception))
  throw new DemoError(`a job of ${job.task} did not get done: ${reason}`, { cause: error })
}
