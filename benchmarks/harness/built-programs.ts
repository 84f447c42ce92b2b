import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'

const OUTPUT = fileURLToPath(new URL('../node_modules/.cache/programs', import.meta.url))

/** Measured is what users get: the built package. */
const builtPackage: Plugin = {
  name: 'the built package',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^gearman-sdk(\/|$)/ }, ({ path }) => {
      const [, entry = 'index'] = path.split('/')
      return { path: new URL(`../../dist/${entry}.mjs`, import.meta.url).href, external: true }
    })
  },
}

/** A program of the benchmarks as JavaScript: it starts at once, and no loader takes part in what is measured. */
export interface BuiltProgram {
  readonly source: URL
  /** Where {@link buildPrograms} puts it. */
  readonly path: string
}

/** Names a program that {@link buildPrograms} builds. */
export function builtProgram(source: URL): BuiltProgram {
  const name = source.pathname.split('/').slice(-2).join('-').replace(/\.ts$/, '.mjs')
  return { source, path: `${OUTPUT}/${name}` }
}

/** Builds programs from their TypeScript. */
export async function buildPrograms(programs: readonly BuiltProgram[]): Promise<void> {
  for (const { source, path } of programs) {
    await build({
      entryPoints: [fileURLToPath(source)],
      outfile: path,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      sourcemap: 'inline',
      logLevel: 'warning',
      plugins: [builtPackage],
    })
  }
}
