import type { FunctionQueue } from './function-queue.ts'

/**
 * The functions that have a job to hand out, in no order. A worker of hundreds of functions, most of them
 * empty, looks through these instead of its own.
 */
export class ReadyFunctions {
  readonly #queues: FunctionQueue[] = []

  /** How many functions have a job to hand out. */
  get length(): number {
    return this.#queues.length
  }

  /** One of them, by its place from 0 on; places change with every {@link update}. */
  at(index: number): FunctionQueue | undefined {
    return this.#queues[index]
  }

  /** Called whenever a function's {@link FunctionQueue.isReady} may have changed. O(1), allocates nothing. */
  update(queue: FunctionQueue): void {
    const { readyIndex } = queue
    if (queue.isReady === readyIndex >= 0) return
    if (readyIndex < 0) {
      queue.readyIndex = this.#queues.push(queue) - 1
      return
    }
    const last = this.#queues.pop()
    queue.readyIndex = -1
    if (last === undefined || last === queue) return
    this.#queues[readyIndex] = last
    last.readyIndex = readyIndex
  }
}
