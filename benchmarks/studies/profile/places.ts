import { existsSync, readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CallFrame } from './summarize.ts'

const INLINE = /sourceMappingURL=data:application\/json;base64,(\S+)/

/** Finds the source of built code by its source map. */
export class Places {
  readonly #maps = new Map<string, SourceMap | undefined>()

  /** `name (file:line)`, in the TypeScript where there is a map. */
  of({ functionName, url, lineNumber, columnNumber }: CallFrame): string {
    const name = functionName === '' ? '(anonymous)' : functionName
    if (url === '') return name
    if (!url.startsWith('file:')) return `${name} (${url})`
    const entry = this.#mapOf(url)?.findEntry(lineNumber, columnNumber)
    if (entry !== undefined && 'originalSource' in entry) {
      return `${name} (${shortened(entry.originalSource)}:${entry.originalLine + 1})`
    }
    return `${name} (${basename(url)}:${lineNumber + 1})`
  }

  #mapOf(url: string): SourceMap | undefined {
    if (!this.#maps.has(url)) this.#maps.set(url, readMap(fileURLToPath(url)))
    return this.#maps.get(url)
  }
}

function readMap(path: string): SourceMap | undefined {
  if (existsSync(`${path}.map`))
    return new SourceMap(JSON.parse(readFileSync(`${path}.map`, 'utf8')))
  const inline = existsSync(path) ? INLINE.exec(readFileSync(path, 'utf8'))?.[1] : undefined
  if (inline === undefined) return undefined
  return new SourceMap(JSON.parse(Buffer.from(inline, 'base64').toString('utf8')))
}

/** The part of a path that tells most. */
function shortened(path: string): string {
  return path.replace(/^.*?(?=(src|benchmarks|peers|generator|node_modules)\/)/, '')
}
