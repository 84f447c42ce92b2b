import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { RawPeer } from '../../../../helpers/raw-peer.ts'
import { TestWorker } from '../../../../helpers/test-worker.ts'
import { ServerProcess } from './server-process.ts'
import type { StoreSpec } from './store-kinds.ts'

const SUBMITTERS = 2
const WORKERS = 2
const IN_FLIGHT = 40
/** A server lives at most so long under load. */
const MAX_LIFE_MS = 250
/** Every so many rounds the server is stopped well. */
const CLEAN_STOP_EVERY = 5
/** A database that is killed is away at least so long. */
const MAX_AWAY_MS = 250
const POLL_MS = 5

/** The database under the store, where it is a process of its own. */
export interface CrashDatabase {
  /** Ends it with SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
  /** Starts it again on its data; resolves when it answers. */
  start(): Promise<void>
}

/** What is known of all jobs, over all lives of the server. */
export class CrashRun {
  /** Jobs whose JOB_CREATED came. */
  readonly accepted: Set<string> = new Set()
  /** How often each was run. */
  readonly runs: Map<string, number> = new Map()
  /** Jobs that had ended when the server was stopped well: they may not run again. */
  readonly over: Set<string> = new Set()
  /** Jobs that ran although they were over. */
  readonly ranAgain: string[] = []
  /** Jobs that came to a worker with other data than they had. */
  readonly spoiled: string[] = []
  /** Jobs that were refused. */
  refused = 0
  kills = 0
  cleanStops = 0
  /** How often the database was killed. */
  databaseKills = 0
  /** How many jobs were in the store in the end. */
  left = -1
  readonly #spec: StoreSpec
  readonly #random: () => number
  readonly #database: CrashDatabase | undefined
  #lastId = 0
  /** How many submitters have not lost their patience. */
  #submitting = 0

  /**
   * @param random - gives numbers from 0 to 1
   * @param database - is killed in each life of the server, and started again under it
   */
  constructor(spec: StoreSpec, random: () => number, database?: CrashDatabase) {
    this.#spec = spec
    this.#random = random
    this.#database = database
  }

  /** Kills the server so many times under load, and lets the last one run what is left. */
  async play(kills: number): Promise<void> {
    while (this.kills < kills) {
      const isClean = this.kills % CLEAN_STOP_EVERY === 2
      if (isClean) await this.#live('SIGTERM')
      await this.#live('SIGKILL', this.kills === kills - 1)
    }
    await this.#drain()
  }

  /**
   * One life of the server.
   *
   * @param isLast - a job has to be accepted by its end, however slow everything is
   */
  async #live(signal: 'SIGKILL' | 'SIGTERM', isLast = false): Promise<void> {
    const server = await ServerProcess.start(this.#spec)
    const workers: TestWorker[] = []
    for (let index = 0; index < WORKERS; index += 1) workers.push(await this.#work(server.port))
    const submitters = Array.from({ length: SUBMITTERS }, () => this.#submit(server.port))
    await this.#anyMoment()
    if (this.#database !== undefined) await this.#crashDatabase(this.#database)
    while (isLast && this.accepted.size === 0 && this.#submitting > 0) await sleep(POLL_MS)
    if (signal === 'SIGTERM') {
      await Promise.all(workers.map((worker) => this.#finish(worker)))
      this.cleanStops += 1
    } else {
      this.kills += 1
    }
    await server.end(signal)
    await Promise.all([...submitters, ...workers.map(({ closed }) => closed)])
  }

  /** Waits for some time, and for some turns of the event loop. */
  async #anyMoment(): Promise<void> {
    await sleep(this.#random() * MAX_LIFE_MS)
    for (let turns = this.#random() * 5; turns > 0; turns -= 1) await nextTurn()
  }

  /** Kills the database under the server, and goes on at any moment after the server has it back. */
  async #crashDatabase(database: CrashDatabase): Promise<void> {
    await database.kill()
    this.databaseKills += 1
    await sleep(this.#random() * MAX_AWAY_MS)
    await database.start()
    // Twice what can be under way: some of it was submitted when the database was back.
    const enough = this.accepted.size + 2 * SUBMITTERS * IN_FLIGHT
    while (this.accepted.size < enough && this.#submitting > 0) await sleep(POLL_MS)
    await this.#anyMoment()
  }

  /** Submits until the server is gone. */
  async #submit(port: number): Promise<void> {
    this.#submitting += 1
    const peer = await RawPeer.connect(port)
    const underWay: string[] = []
    const send = (): void => {
      this.#lastId += 1
      const id = String(this.#lastId)
      underWay.push(id)
      // Some with a unique id, some for later.
      const unique = this.#lastId % 3 === 0 ? `u${id}` : ''
      const data = dataOf(this.#lastId)
      if (this.#lastId % 11 === 0) peer.send('SUBMIT_JOB_EPOCH', 'crash', unique, '1', data)
      else peer.send('SUBMIT_JOB_BG', 'crash', unique, data)
    }
    for (let index = 0; index < IN_FLIGHT; index += 1) send()
    try {
      for (let reply = await peer.next(); reply.kind === 'packet'; reply = await peer.next()) {
        const id = underWay.shift() ?? ''
        if (reply.name === 'JOB_CREATED') this.accepted.add(id)
        else this.refused += 1
        send()
      }
    } catch {
      peer.destroy() // The server is gone: what is under way is anybody's guess.
    } finally {
      this.#submitting -= 1
    }
  }

  /** A worker that runs most jobs, and keeps a few until it is lost. */
  async #work(port: number, keepsSome = true): Promise<TestWorker> {
    return await TestWorker.connect(port, {
      crash: ({ data }) => {
        const id = data.toString().split(' ', 1)[0] ?? ''
        if (data.toString() !== dataOf(Number(id))) this.spoiled.push(id)
        this.runs.set(id, (this.runs.get(id) ?? 0) + 1)
        if (this.over.has(id)) this.ranAgain.push(id)
        return keepsSome && this.#random() < 0.02 ? undefined : 'done'
      },
    })
  }

  /** Everything that the worker has ended by now is over for good when the server stops well. */
  async #finish(worker: TestWorker): Promise<void> {
    const ended = worker.jobs.filter(({ handle }) => worker.completed.has(handle))
    await worker.sync()
    for (const { data } of ended) this.over.add(data.toString().split(' ', 1)[0] ?? '')
  }

  /** The last server runs all that is left, and stops well; the next one finds nothing. */
  async #drain(): Promise<void> {
    const server = await ServerProcess.start(this.#spec)
    const worker = await this.#work(server.port, false)
    const peer = await RawPeer.connect(server.port)
    for (;;) {
      const [status = ''] = await peer.command('status')
      if (status.startsWith('crash\t0\t')) break
      await nextTurn()
    }
    peer.destroy()
    await worker.close()
    await server.end('SIGTERM')
    const next = await ServerProcess.start(this.#spec)
    this.left = next.replayed
    await next.end('SIGTERM')
  }
}

/** Some have half a page. */
function dataOf(id: number): string {
  return `${id} ${'x'.repeat(id % 7 === 0 ? 2000 : 0)}`
}
