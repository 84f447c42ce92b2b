import { EventEmitter, once } from 'node:events'
import { expect, onTestFinished, vi } from 'vitest'
import { createDeferred, type Deferred } from '../../../src/core/deferred.ts'
import type { EventOf } from '../../../src/core/typed-emitter.ts'
import type { RawDataEncoder } from '../../../src/encoders/raw-data-encoder.ts'
import { GearmanWorker } from '../../../src/worker/gearman-worker.ts'
import type { WorkerEvents } from '../../../src/worker/worker-events.ts'
import type { GearmanWorkerOptions } from '../../../src/worker/worker-options.ts'
import { askServer, type Backend, taskStatus } from '../../helpers/backends.ts'
import { RawPeer } from '../../helpers/raw-peer.ts'

/** A busy machine is slow, not broken. */
const PATIENCE = { timeout: 50_000, interval: 10 }

/** A worker for one test: shut down at its end. */
export function useWorker(
  backend: { readonly address: string } | readonly string[],
  options?: GearmanWorkerOptions<RawDataEncoder>,
): GearmanWorker {
  const hosts = 'address' in backend ? [backend.address] : backend
  return ownWorker(new GearmanWorker(hosts, options))
}

/** Shuts a worker down at the end of the test. */
export function ownWorker<Worker extends { shutdown(): Promise<void> }>(worker: Worker): Worker {
  onTestFinished(() => worker.shutdown())
  return worker
}

/** Lets a worker work; its end is the test's business, its rejection nobody's. */
export function startWork(
  worker: { work(options?: { signal?: AbortSignal }): Promise<void> },
  options?: { readonly signal?: AbortSignal; readonly pollTimeout?: number },
): Promise<void> {
  const working = worker.work(options)
  working.catch(() => undefined)
  return working
}

/** A raw connection for one test, in the place of a client. */
export async function usePeer({ port }: { readonly port: number }): Promise<RawPeer> {
  const peer = await RawPeer.connect(port)
  onTestFinished(async () => {
    peer.destroy()
    await peer.closed
  })
  return peer
}

/** Submits a job and resolves with its handle. */
export async function submit(
  peer: RawPeer,
  task: string,
  data: string | Buffer = '',
  options: { readonly isBackground?: boolean; readonly unique?: string } = {},
): Promise<string> {
  const name = options.isBackground ? 'SUBMIT_JOB_BG' : 'SUBMIT_JOB'
  peer.send(name, task, options.unique ?? '', data)
  const [handle = ''] = await peer.expect('JOB_CREATED')
  return handle
}

/** Submits a job and resolves with its result. */
export async function runJob(
  peer: RawPeer,
  task: string,
  data: string | Buffer = '',
): Promise<string> {
  await submit(peer, task, data)
  const [, result = ''] = await peer.expect('WORK_COMPLETE')
  return result
}

/** A task whose jobs end when the test says so. */
export class HeldTask<Job extends { readonly handle: string }> {
  /** All jobs that have started, in order. */
  readonly started: Job[] = []
  /** How many run now, and how many ran at once at most. */
  running = 0
  mostRunning = 0
  readonly #ends: Deferred<string | undefined>[] = []
  readonly #events = new EventEmitter()

  /** The callback to register. */
  readonly callback = async (_worker: unknown, job: Job): Promise<string | undefined> => {
    const end = createDeferred<string | undefined>()
    this.#ends.push(end)
    this.started.push(job)
    this.running += 1
    this.mostRunning = Math.max(this.mostRunning, this.running)
    this.#events.emit('started')
    try {
      return await end.promise
    } finally {
      this.running -= 1
    }
  }

  /** Resolves when so many jobs have started, ever. */
  async untilStarted(count: number): Promise<void> {
    while (this.started.length < count) await once(this.#events, 'started')
  }

  /** The job that started at that place. */
  job(index: number): Job {
    const job = this.started[index]
    if (job === undefined) throw new Error(`only ${this.started.length} jobs have started`)
    return job
  }

  /** Ends the oldest job that runs. */
  end(result?: string): void {
    this.#oldest().resolve(result)
  }

  /** Ends the oldest job that runs, badly. */
  fail(error: unknown): void {
    this.#oldest().reject(error)
  }

  #oldest(): Deferred<string | undefined> {
    const oldest = this.#ends.shift()
    if (oldest === undefined) throw new Error('no job runs: wait until one has started')
    return oldest
  }
}

/** Waits until a look at the world shows what is expected. */
export async function eventually<T>(look: () => T | Promise<T>, expected: T): Promise<void> {
  await vi.waitFor(async () => expect(await look()).toEqual(expected), PATIENCE)
}

/** Waits until a server knows of so many worker connections for a task. */
export async function untilRegistered(backend: Backend, task: string, workers = 1): Promise<void> {
  await eventually(async () => (await taskStatus(backend, task)).workers, workers)
}

/** The rows of `workers` that have tasks: id, and tasks. */
export async function workerRows(backend: Backend): Promise<string[]> {
  const rows = await askServer(backend, 'workers')
  return rows
    .map((row) => row.trim().split(' ').slice(2).join(' '))
    .filter((row) => !row.endsWith(' :'))
}

/** The next event of a worker. */
export function nextEvent<Name extends keyof WorkerEvents>(
  worker: Pick<GearmanWorker, 'once'>,
  name: Name,
): Promise<EventOf<WorkerEvents[Name]>> {
  return new Promise((resolve) => {
    const listener = (event: EventOf<WorkerEvents[Name]>): void => resolve(event)
    worker.once(name, listener as WorkerEvents[Name])
  })
}

/** All events of that name from now on. */
export function collectEvents<Name extends keyof WorkerEvents>(
  worker: Pick<GearmanWorker, 'on'>,
  name: Name,
): EventOf<WorkerEvents[Name]>[] {
  const events: EventOf<WorkerEvents[Name]>[] = []
  const listener = (event: EventOf<WorkerEvents[Name]>): void => {
    events.push(event)
  }
  worker.on(name, listener as WorkerEvents[Name])
  return events
}
