import { Worker } from 'node:worker_threads'
import { createDeferred, type Deferred } from '../../core/deferred.ts'
import { Fifo } from '../../core/fifo.ts'
import type { ReplyValue, ThreadData, ThreadNews, ThreadReply, ThreadRequest } from './messages.ts'
import { sourceProgram } from './source-program.ts'

/** The thread of a store, as the server's side sees it: requests go in, answers come back in order. */
export class SqliteThread {
  readonly #worker: Worker
  readonly #onNews: (news: ThreadNews) => void
  readonly #waiting = new Fifo<Deferred<ReplyValue>>()
  #failure: Error | undefined

  constructor(data: ThreadData, onNews: (news: ThreadNews) => void) {
    this.#onNews = onNews
    this.#worker = startWorker(data)
    this.#worker.on('message', (message: ThreadReply | ThreadNews) => this.#onMessage(message))
    this.#worker.on('error', (error: Error) => this.#fail(error))
    this.#worker.on('exit', () => this.#fail(new Error('the thread of the store has ended')))
  }

  /** Why the thread died; it can be asked nothing more then. */
  get failure(): Error | undefined {
    return this.#failure
  }

  /** Asks for something; what is transferred is the thread's from then on. */
  async ask(request: ThreadRequest, transferred: readonly ArrayBuffer[] = []): Promise<ReplyValue> {
    if (this.#failure !== undefined) throw this.#failure
    const reply = createDeferred<ReplyValue>()
    this.#waiting.push(reply)
    this.#worker.postMessage(request, transferred)
    return await reply.promise
  }

  /** Ends the thread; nothing is asked any more. */
  async end(): Promise<void> {
    await this.#worker.terminate()
  }

  #onMessage(message: ThreadReply | ThreadNews): void {
    if (message.type === 'notice' || message.type === 'setAside') {
      this.#onNews(message)
    } else if (message.type === 'done') {
      this.#waiting.shift()?.resolve(message.value)
    } else {
      const { code } = message
      this.#waiting.shift()?.reject(Object.assign(new Error(message.message), { code }))
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error
    for (const reply of this.#waiting.drain()) reply.reject(this.#failure)
  }
}

/** In the package the file stands beside this one; tests run the sources. */
function startWorker(workerData: ThreadData): Worker {
  return import.meta.url.endsWith('.ts')
    ? new Worker(sourceProgram(), { eval: true, workerData })
    : new Worker(new URL('./sqlite-worker.mjs', import.meta.url), { workerData })
}
