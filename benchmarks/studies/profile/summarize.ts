import { Places } from './places.ts'

/** Where a function is, as V8 says it: lines and columns count from 0. */
export interface CallFrame {
  readonly functionName: string
  readonly url: string
  readonly lineNumber: number
  readonly columnNumber: number
}

/** What `Profiler.stop` gives. */
export interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

/** What `HeapProfiler.stopSampling` gives. */
export interface HeapProfile {
  readonly head: HeapNode
}

interface HeapNode {
  readonly callFrame: CallFrame
  readonly selfSize: number
  readonly children: readonly HeapNode[]
}

/** One function's own share. */
export interface Line {
  readonly place: string
  readonly amount: number
}

const IDLE = '(idle)'

/** The time that each function took itself, in milliseconds; the largest first. */
export function selfTimes({ nodes, samples, timeDeltas }: CpuProfile): {
  readonly busyMs: number
  readonly idleMs: number
  readonly lines: readonly Line[]
} {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
  const sums = new Sums()
  let idleMs = 0
  for (const [index, id] of samples.entries()) {
    const frame = frames.get(id)
    const ms = (timeDeltas[index] ?? 0) / 1000
    if (frame === undefined) continue
    if (frame.functionName === IDLE) idleMs += ms
    else sums.add(frame, ms)
  }
  return { busyMs: sums.total, idleMs, lines: sums.lines() }
}

/** What each function allocated itself, in bytes; the most first. */
export function selfBytes({ head }: HeapProfile): {
  readonly total: number
  readonly lines: readonly Line[]
} {
  const sums = new Sums()
  const visit = ({ callFrame, selfSize, children }: HeapNode): void => {
    if (selfSize > 0) sums.add(callFrame, selfSize)
    for (const child of children) visit(child)
  }
  visit(head)
  return { total: sums.total, lines: sums.lines() }
}

class Sums {
  total = 0
  readonly #places = new Places()
  readonly #amounts = new Map<string, number>()

  add(frame: CallFrame, amount: number): void {
    const place = this.#places.of(frame)
    this.total += amount
    this.#amounts.set(place, (this.#amounts.get(place) ?? 0) + amount)
  }

  lines(): Line[] {
    return [...this.#amounts]
      .map(([place, amount]) => ({ place, amount }))
      .sort((left, right) => right.amount - left.amount)
  }
}
