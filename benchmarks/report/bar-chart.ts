import { drawSvg } from './draw.ts'
import type { MeasuredScenario } from './results.ts'
import { summarize } from './summary.ts'

const WIDTH = 260
const COLUMNS = 3

/** The scenarios of a group as bars, each with its own axis; the line shows the least and the most. */
export async function drawGroup(
  group: string,
  scenarios: readonly MeasuredScenario[],
): Promise<string> {
  const charts = scenarios.map(({ title, unit, contestants }) => {
    const values = contestants.map(summarize).filter((one) => one !== undefined)
    const y = { field: 'name', type: 'nominal', title: null, sort: null }
    return {
      title: { text: title, fontSize: 11 },
      width: WIDTH,
      data: { values },
      layer: [
        {
          mark: 'bar',
          encoding: {
            y,
            x: { field: 'median', type: 'quantitative', title: unit },
            color: {
              condition: { test: "indexof(datum.name, 'gearman-sdk') === 0", value: '#d9730d' },
              value: '#9aa5b1',
            },
          },
        },
        {
          mark: { type: 'rule', color: '#333' },
          encoding: { y, x: { field: 'min', type: 'quantitative' }, x2: { field: 'max' } },
        },
      ],
    }
  })
  return await drawSvg({ title: group, columns: COLUMNS, concat: charts } as never)
}
