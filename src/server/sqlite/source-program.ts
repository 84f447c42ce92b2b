import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

/** What is used of `esbuild`, which only those have who work on this package. */
interface Bundler {
  buildSync(options: Readonly<Record<string, unknown>>): {
    readonly outputFiles: readonly { readonly text: string }[]
  }
}

let program: string | undefined

/**
 * The program of the thread, from the sources, which Node cannot read in a thread: one script, made once in a
 * process. That is five times faster than to teach TypeScript to each thread, of which the tests start hundreds.
 */
export function sourceProgram(): string {
  program ??= bundle()
  return program
}

function bundle(): string {
  const { buildSync } = createRequire(import.meta.url)('esbuild') as Bundler
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL('./sqlite-worker.ts', import.meta.url))],
    bundle: true,
    write: false,
    packages: 'external',
    platform: 'node',
    format: 'cjs',
    // A script that is no file may not import; it finds packages from the folder in which the process runs.
    supported: { 'dynamic-import': false },
  })
  return outputFiles[0]?.text ?? ''
}
