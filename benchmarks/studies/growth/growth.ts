import { FULL, measureScenario, QUICK, type ScenarioResult } from '../../contestants/measure.ts'
import { prepareContestants } from '../../contestants/prepare.ts'
import type { Scenario } from '../../contestants/scenario.ts'
import { BUNDLED, GEARMAND } from '../../contestants/server-kinds.ts'
import { type Study, UsageError } from '../../harness/study.ts'
import { printScenario } from '../../report/print.ts'
import { keepResults } from '../../report/results.ts'
import type { Curve } from './curve.ts'
import { CURVES } from './curves.ts'
import { plotCurve } from './plot-curve.ts'

const REPEAT = 3
const SERVERS = [GEARMAND, BUNDLED]

/** Rate, memory and latency as one thing grows, on gearmand and on the server of this package. */
export const growth: Study = {
  name: 'growth',
  title:
    'curves over queue depth, payload, connections, functions, concurrency, servers: [CURVE...]',
  run: async (_servers, { args, isQuick, repeat = isQuick ? 1 : REPEAT }) => {
    const unknown = args.find((name) => !CURVES.some((curve) => curve.name === name))
    if (unknown !== undefined) {
      const known = CURVES.map(({ name }) => name).join(' ')
      throw new UsageError(`no curve ${unknown}; curves: ${known}`)
    }
    await prepareContestants()
    for (const curve of CURVES.filter(({ name }) => args.length === 0 || args.includes(name))) {
      const results: ScenarioResult[] = []
      for (const point of isQuick ? ends(curve) : curve.points) {
        const result = await measureScenario(
          scenarioAt(curve, point),
          repeat,
          isQuick ? QUICK : FULL,
        )
        printScenario(result)
        results.push(result)
      }
      keepResults(isQuick ? 'growth-quick' : 'growth', results, repeat)
      if (!isQuick) console.log(await plotCurve(curve))
    }
  },
}

function scenarioAt(curve: Curve, point: number): Scenario {
  return {
    name: `${curve.name}/${point}`,
    title: `${curve.title}: ${point.toLocaleString('en')} ${curve.axis}`,
    group: curve.name,
    unit: curve.unit,
    contestants: SERVERS.map((server) => curve.at(point, server)),
  }
}

/** The first and the last point. */
function ends({ points }: Curve): number[] {
  return [points.at(0), points.at(-1)].filter((point) => point !== undefined)
}
