import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const PROJECT = fileURLToPath(new URL('../../../../../', import.meta.url))

/**
 * Makes plain JavaScript of `crash-server.ts`, so that a server starts in a tenth of a second of processor time and
 * not in two: it is started hundreds of times.
 *
 * @returns the file; it is deleted when this process ends
 */
export async function bundleServer(): Promise<string> {
  const cache = join(PROJECT, 'node_modules', '.cache')
  mkdirSync(cache, { recursive: true })
  // Below the project, where it finds the drivers of the stores.
  const outdir = mkdtempSync(join(cache, 'crash-server-'))
  process.once('exit', () => rmSync(outdir, { recursive: true, force: true }))
  await build({
    entryPoints: {
      'crash-server': fileURLToPath(new URL('./crash-server.ts', import.meta.url)),
      'sqlite-worker': join(PROJECT, 'src/server/sqlite/sqlite-worker.ts'),
    },
    tsconfig: join(PROJECT, 'tsconfig.json'),
    bundle: true,
    splitting: true,
    format: 'esm',
    outExtension: { '.js': '.mjs' },
    platform: 'node',
    packages: 'external',
    outdir,
  })
  return join(outdir, 'crash-server.mjs')
}
