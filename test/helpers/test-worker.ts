import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createDeferred, type Deferred } from '../../src/core/deferred.ts'
import { Fifo } from '../../src/core/fifo.ts'
import { splitArguments } from '../../src/protocol/arguments.ts'
import { PacketDecoder } from '../../src/protocol/packet-decoder.ts'
import { encodePacket, type PacketArgument } from '../../src/protocol/packet-encoder.ts'
import { type PacketName, PacketType } from '../../src/protocol/packets.ts'

/** A job as it came over the wire. */
export interface TestJob {
  readonly handle: string
  readonly task: string
  readonly unique: string
  readonly reducer: string | undefined
  readonly data: Buffer
  /** Sends one packet about this job. */
  send(name: PacketName, ...args: PacketArgument[]): void
}

/** What a task does: what it returns is the result; `undefined` leaves the job to the test. */
export type TestTask = (job: TestJob) => Uint8Array | string | undefined

/** A worker without this package's worker: it speaks the protocol, takes every job that there is, and knows nothing else. */
export class TestWorker {
  /** Every job that came, in order. */
  readonly jobs: TestJob[] = []
  /** The handles of those whose task returned a result, which was sent. */
  readonly completed: Set<string> = new Set()
  /** ERROR packets that came. */
  readonly errors: string[] = []
  readonly #socket: Socket
  readonly #tasks: ReadonlyMap<string, TestTask>
  readonly #arrived = new Fifo<TestJob>()
  readonly #waiting = new Fifo<Deferred<TestJob>>()
  readonly #echoes = new Fifo<Deferred<void>>()
  /** Settles when the connection is gone. */
  readonly closed: Promise<void>

  private constructor(socket: Socket, tasks: ReadonlyMap<string, TestTask>) {
    this.#socket = socket
    this.#tasks = tasks
    const decoder = new PacketDecoder(
      { onPacket: (type, body) => this.#onPacket(type, body) },
      { magic: 'response', maxBodyBytes: 0xffff_ffff },
    )
    socket.on('data', (chunk: Buffer) => decoder.push(chunk))
    socket.on('error', () => undefined)
    this.closed = new Promise((resolve) => {
      socket.once('close', () => resolve())
    })
  }

  /** Connects and registers; resolves when the server has taken note. */
  static async connect(
    port: number,
    tasks: Readonly<Record<string, TestTask>>,
  ): Promise<TestWorker> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true })
    await once(socket, 'connect')
    const worker = new TestWorker(socket, new Map(Object.entries(tasks)))
    for (const task of Object.keys(tasks)) worker.send('CAN_DO', task)
    worker.send('GRAB_JOB_ALL')
    await worker.sync()
    return worker
  }

  /** Sends one packet. */
  send(name: PacketName, ...args: PacketArgument[]): void {
    this.#socket.write(encodePacket('request', PacketType[name], args))
  }

  /** Resolves when the server has handled all that was sent before. */
  sync(): Promise<void> {
    const echo = createDeferred<void>()
    this.#echoes.push(echo)
    this.send('ECHO_REQ', 'sync')
    return echo.promise
  }

  /** The next job that no earlier call has given. */
  nextJob(): Promise<TestJob> {
    const job = this.#arrived.shift()
    if (job !== undefined) return Promise.resolve(job)
    const next = createDeferred<TestJob>()
    this.#waiting.push(next)
    return next.promise
  }

  /**
   * {@link nextJob}, of a job that a server takes back from a worker: this worker keeps asking. gearmand's timers run in
   * another thread than its queue, and now and then the NOOP for such a job is lost.
   */
  async nextReturnedJob(): Promise<TestJob> {
    while (this.#arrived.length === 0) {
      this.send('PRE_SLEEP')
      await this.sync()
    }
    return await this.nextJob()
  }

  /** Cuts the connection. */
  async close(): Promise<void> {
    this.#socket.destroy()
    await this.closed
  }

  #onPacket(type: number, body: Buffer): void {
    if (type === PacketType.NO_JOB) this.send('PRE_SLEEP')
    else if (type === PacketType.NOOP) this.send('GRAB_JOB_ALL')
    else if (type === PacketType.ECHO_RES) this.#echoes.shift()?.resolve()
    else if (type === PacketType.ERROR) this.errors.push(body.toString().replace('\0', ': '))
    else this.#onJob(splitArguments(type, body))
  }

  #onJob(args: readonly Buffer[]): void {
    const [handle = '', task = '', unique = '', reducer] = args.slice(0, -1).map(String)
    const job: TestJob = {
      handle,
      task,
      unique,
      reducer,
      data: Buffer.from(args.at(-1) ?? ''),
      send: (name, ...rest) => this.send(name, handle, ...rest),
    }
    this.jobs.push(job)
    const result = this.#tasks.get(task)?.(job)
    if (result !== undefined) {
      this.completed.add(handle)
      job.send('WORK_COMPLETE', result)
    }
    this.send('GRAB_JOB_ALL')
    const next = this.#waiting.shift()
    if (next === undefined) this.#arrived.push(job)
    else next.resolve(job)
  }
}
