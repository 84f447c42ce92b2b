/** The parts of `vega` 6.4.0 that are used: the project is checked without the packages of its benchmarks. */
interface Vega {
  parse(spec: object): object
  readonly View: new (
    runtime: object,
    options: { readonly renderer: 'none' },
  ) => { toSVG(): Promise<string>; finalize(): unknown }
}

/** The part of `vega-lite` 6.4.3 that is used. */
interface VegaLite {
  compile(chart: object): { readonly spec: object }
}

const VEGA: string = 'vega'
const VEGA_LITE: string = 'vega-lite'

/**
 * Draws a chart as SVG.
 *
 * @param chart - a specification of Vega-Lite
 */
export async function drawSvg(chart: object): Promise<string> {
  const { parse, View } = (await import(VEGA)) as Vega
  const { compile } = (await import(VEGA_LITE)) as VegaLite
  const view = new View(parse(compile(chart).spec), { renderer: 'none' })
  try {
    return `${await view.toSVG()}\n`
  } finally {
    view.finalize()
  }
}
