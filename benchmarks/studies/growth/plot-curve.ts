import type { Sample } from '../../contestants/scenario.ts'
import { median } from '../../harness/statistics.ts'
import { drawSvg } from '../../report/draw.ts'
import { readResults, resultPath, writeResultFile } from '../../report/results.ts'
import type { Curve } from './curve.ts'

const WIDTH = 300
const HEIGHT = 220

/** One point of one line. */
interface Point {
  readonly at: number
  readonly server: string
  readonly value: number
  readonly min: number
  readonly max: number
}

/** Draws what was measured last of a curve: its value, memory of the server, and latency where there is any. */
export async function plotCurve(curve: Curve): Promise<string> {
  const figures: readonly (readonly [title: string, of: (sample: Sample) => number | undefined])[] =
    [
      [curve.unit, ({ value }) => value],
      ['p50, ms', ({ p50Ms }) => p50Ms],
      ['p99, ms', ({ p99Ms }) => p99Ms],
      [
        'memory of the server, MiB',
        ({ processes }) => processes.find(({ role }) => role === 'server')?.peakMib,
      ],
    ]
  const charts = figures
    .map(([title, of]) => ({ title, points: pointsOf(curve, of) }))
    .filter(({ points }) => points.length > 0)
    .map(({ title, points }) => chart(curve, title, points))
  const file = `growth-${curve.name}.svg`
  const svg = await drawSvg({
    title: curve.title,
    hconcat: charts,
    config: { view: { stroke: null } },
  })
  writeResultFile(file, svg)
  return resultPath(file)
}

function pointsOf(curve: Curve, of: (sample: Sample) => number | undefined): Point[] {
  const scenarios = readResults('growth').filter(({ group }) => group === curve.name)
  return scenarios.flatMap(({ name, contestants }) =>
    contestants.flatMap((contestant) => {
      const values = contestant.samples.map(of).filter((value) => value !== undefined)
      if (values.length === 0) return []
      return {
        at: Number(name.split('/')[1]),
        server: contestant.name,
        value: median(values),
        min: Math.min(...values),
        max: Math.max(...values),
      }
    }),
  )
}

function chart(
  { axis }: Curve,
  title: string,
  points: readonly Point[],
): object & { mark?: never; layer: never[] } {
  const x = { field: 'at', type: 'quantitative', title: axis, scale: { type: 'log' } }
  const color = { field: 'server', type: 'nominal', title: null }
  return {
    width: WIDTH,
    height: HEIGHT,
    data: { values: [...points] },
    layer: [
      {
        mark: { type: 'line', point: true },
        encoding: { x, y: { field: 'value', type: 'quantitative', title }, color },
      },
      {
        mark: { type: 'area', opacity: 0.15 },
        encoding: { x, y: { field: 'min', type: 'quantitative' }, y2: { field: 'max' }, color },
      },
    ],
  } as never
}
