import { deepStrictEqual } from 'node:assert/strict'
import { JSONDataEncoder, PickleDataEncoder } from 'gearman-sdk'
import type { Study } from '../../harness/study.ts'
import { installFromNpm } from '../../peers/install.ts'
import { CPython } from './cpython.ts'
import { npmReaders } from './npm-readers.ts'

const PROTOCOLS = [2, 4] as const
const ROUNDS = 15
const RUNS = 7
/** How much slower than CPython's C code this may be. */
const MAX_RATIO = 3

/** Something to be measured: its figures are compared with those of CPython for the same task. */
interface Candidate {
  readonly who: string
  readonly task: string
  /** Milliseconds. */
  measure(): number | Promise<number>
}

/** The pickle encoder beside CPython's C code, JSON, and the readers of npm: a structure of 1 MB, in one run. */
export const encoders: Study = {
  name: 'encoders',
  title: 'pickle beside CPython, JSON and the pickle readers of npm',
  async run(_servers, { isQuick, repeat }): Promise<void> {
    installFromNpm()
    const python = await CPython.start()
    if (python === undefined) throw new Error('this study needs python3')
    try {
      const candidates = [...pythonCandidates(python), ...ourCandidates(python), ...npm(python)]
      const figures = candidates.map((): number[] => [])
      // They take turns, so that all see the same noise.
      for (let round = 0; round < (repeat ?? (isQuick ? 3 : ROUNDS)); round += 1) {
        for (const [index, candidate] of candidates.entries()) {
          figures[index]?.push(await candidate.measure())
        }
      }
      // What else the machine does makes a run slower, and never faster: the fastest says what it takes.
      print(
        candidates,
        figures.map((all) => Math.min(...all)),
      )
    } finally {
      python.stop()
    }
  },
}

function pythonCandidates(python: CPython): Candidate[] {
  const tasks = [
    ...PROTOCOLS.flatMap((protocol) => [`write ${protocol}`, `read ${protocol}`]),
    ...['json write', 'json read'],
  ]
  return tasks.map((task) => ({ who: 'CPython', task, measure: () => python.measure(task) }))
}

function ourCandidates(python: CPython): Candidate[] {
  const json = new JSONDataEncoder()
  const text = form(python, 'json')
  const value = json.decode(text)
  const pickles = PROTOCOLS.flatMap((protocol): Candidate[] => {
    const encoder = new PickleDataEncoder({ protocol })
    const pickle = form(python, `pickle ${protocol}`)
    deepStrictEqual(encoder.decode(pickle), value)
    deepStrictEqual(encoder.decode(Buffer.from(encoder.encode(value))), value)
    return [
      candidate(`write ${protocol}`, () => encoder.encode(value)),
      candidate(`read ${protocol}`, () => encoder.decode(pickle)),
    ]
  })
  return [
    ...pickles,
    candidate('json write', () => json.encode(value)),
    candidate('json read', () => json.decode(text)),
  ]
}

function npm(python: CPython): Candidate[] {
  return npmReaders().flatMap(({ name, protocol, read }) => {
    const pickle = form(python, `pickle ${protocol}`)
    try {
      read(pickle)
    } catch (error) {
      console.log(`${name} cannot read it, and is not measured: ${String(error)}`)
      return []
    }
    return candidate(`read ${protocol}`, () => read(pickle), name)
  })
}

function candidate(task: string, run: () => unknown, who = 'gearman-sdk'): Candidate {
  return { who, task, measure: () => fastest(run) }
}

function form(python: CPython, name: string): Buffer {
  return python.forms.get(name) ?? Buffer.alloc(0)
}

/** Milliseconds of the fastest of some runs, as CPython's are measured. */
function fastest(run: () => unknown): number {
  let best = Number.POSITIVE_INFINITY
  for (let count = 0; count < RUNS; count += 1) {
    const start = performance.now()
    run()
    best = Math.min(best, performance.now() - start)
  }
  return best
}

function print(candidates: readonly Candidate[], best: readonly number[]): void {
  const ms = (who: string, task: string): number => {
    const index = candidates.findIndex((other) => other.who === who && other.task === task)
    return best[index] ?? Number.NaN
  }
  console.table(
    candidates.map(({ who, task }, index) => ({
      task,
      who,
      ms: (best[index] ?? Number.NaN).toFixed(2),
      'times CPython': ((best[index] ?? Number.NaN) / ms('CPython', task)).toFixed(2),
    })),
  )
  for (const task of PROTOCOLS.flatMap((protocol) => [`write ${protocol}`, `read ${protocol}`])) {
    const ratio = ms('gearman-sdk', task) / ms('CPython', task)
    const verdict = ratio <= MAX_RATIO ? 'reached' : 'MISSED'
    console.log(`${task}: at most ${MAX_RATIO} times CPython: ${verdict} (${ratio.toFixed(2)})`)
  }
  for (const { who, task } of candidates.filter(
    ({ who }) => !['CPython', 'gearman-sdk'].includes(who),
  )) {
    const ratio = ms(who, task) / ms('gearman-sdk', task)
    console.log(
      `${task}: faster than ${who}: ${ratio > 1 ? 'reached' : 'MISSED'} (${ratio.toFixed(1)} times)`,
    )
  }
}
