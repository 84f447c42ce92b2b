import { parse, View } from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'

/** Draws a chart as SVG. */
export async function drawSvg(chart: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile(chart).spec), { renderer: 'none' })
  try {
    return `${await view.toSVG()}\n`
  } finally {
    view.finalize()
  }
}
