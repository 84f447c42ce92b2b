/**
 * What is used of the libraries that draw charts. They are installed with the benchmarks, not with the project, whose
 * types are checked without them.
 */

declare module 'vega' {
  export interface Runtime {
    readonly kind?: 'vega runtime'
  }
  export function parse(spec: object): Runtime
  export class View {
    constructor(runtime: Runtime, options: { readonly renderer: 'none' })
    toSVG(): Promise<string>
    finalize(): void
  }
}

declare module 'vega-lite' {
  export type TopLevelSpec = Readonly<Record<string, unknown>>
  export function compile(spec: TopLevelSpec): { readonly spec: object }
}
