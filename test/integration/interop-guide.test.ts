/**
 * The code of docs/interop.md, which real programs of each language run: each block to its end, and it writes what the
 * `text` block behind it says. `serve TASK` behind the language of a fence: a worker, which runs beside all others.
 */
import { type ChildProcess, execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeBackends } from '../helpers/backends.ts'
import { type CodeBlock, readCodeBlocks } from '../helpers/markdown.ts'
import {
  C_COMPILER,
  describeWithPrograms,
  GO,
  PERL,
  PHP,
  type Program,
  PYTHON,
  runProgram,
  SHELL,
  startProgram,
  TOOLS,
} from '../helpers/run-program.ts'
import { runScript, startScript } from '../helpers/run-script.ts'
import { untilThereAreWorkers } from './interop/partners.ts'

const PROJECT = fileURLToPath(new URL('../../', import.meta.url))
const GUIDE = readFileSync(join(PROJECT, 'docs/interop.md'), 'utf8')
const BUILD_TIMEOUT_MS = 600_000
const INTERPRETERS: Readonly<Record<string, Program>> = {
  php: PHP,
  python: PYTHON,
  perl: PERL,
  sh: SHELL,
}
const LANGUAGES = ['ts', 'c', 'go', ...Object.keys(INTERPRETERS)]

interface Snippet extends CodeBlock {
  readonly title: string
  readonly file: string
}

const snippets: Snippet[] = readCodeBlocks(GUIDE).map((block, index) => ({
  ...block,
  title: `${index + 1} (${block.heading}, ${block.language})`,
  file: `block-${index + 1}.${block.language}`,
}))
const served = snippets.filter(({ flags }) => flags[0] === 'serve')
const runnable = snippets.filter(({ flags }) => flags.length === 0)

let folder: string

beforeAll(async () => {
  // In the project: imports are resolved from there.
  mkdirSync(join(PROJECT, 'temp'), { recursive: true })
  folder = mkdtempSync(join(PROJECT, 'temp', 'interop-'))
  for (const { file, code } of snippets) writeFileSync(join(folder, file), code)
  const config = { extends: '../../tsconfig.json', include: ['*.ts'] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('the code in docs/interop.md', () => {
  it('is found, and each language has a program to run it', () => {
    expect(served).toHaveLength(7)
    expect(runnable.length).toBeGreaterThan(10)
    expect(snippets.filter(({ language }) => !LANGUAGES.includes(language))).toEqual([])
    expect(snippets.length).toBe(served.length + runnable.length)
  })

  it('compiles where it is TypeScript', async () => {
    const compiler = join(PROJECT, 'node_modules/typescript/bin/tsc')
    const checking = promisify(execFile)(process.execPath, [compiler, '-p', folder])
    const output = await checking.catch(({ stdout }: { stdout: string }) => ({ stdout }))
    expect(output.stdout).toBe('')
  })

  it('is linked from the README', () => {
    expect(readFileSync(join(PROJECT, 'README.md'), 'utf8')).toContain('](docs/interop.md)')
  })
})

describeWithPrograms(
  [PHP, PERL, PYTHON, TOOLS, C_COMPILER, GO],
  'the programs in docs/interop.md',
  () => {
    beforeAll(async () => {
      for (const { language, file } of snippets) await build(language, join(folder, file))
    }, BUILD_TIMEOUT_MS)

    describeBackends('the programs in docs/interop.md', (backend) => {
      let workers: ChildProcess[]

      beforeAll(async () => {
        const servers = backend.address
        workers = served.map((snippet) => start(snippet, servers))
        for (const { flags } of served) await untilThereAreWorkers(backend, flags[1] ?? '', true)
      })
      afterAll(async () => {
        for (const worker of workers) {
          const gone = once(worker, 'exit')
          worker.kill('SIGTERM')
          await gone
        }
      })

      it.each(runnable)('$title', async ({ language, file, output }) => {
        const path = join(folder, file)
        const servers = backend.address
        const result =
          language === 'ts'
            ? await runScript(path, { servers, cwd: folder })
            : await runProgram(...commandOf(language, path), { env: { GEARMAN_SERVERS: servers } })
        expect(result).toEqual({ code: 0, stdout: output ?? '', stderr: '' })
      })
    })
  },
)

/** Makes the programs of languages that are compiled, next to their source. */
async function build(language: string, path: string): Promise<void> {
  const binary = `${path}.bin`
  if (language === 'c') await compile(C_COMPILER, ['-Wall', '-o', binary, path, '-lgearman'])
  if (language !== 'go') return
  const env = { GOCACHE: join(folder, 'go-cache'), GOFLAGS: '-mod=mod', GO111MODULE: 'off' }
  await compile(GO, ['build', '-o', binary, path], env)
}

/** Takes its time: Go compiles its own library first. */
async function compile(
  compiler: Program,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const child = startProgram(compiler, args, { env })
  let stderr = ''
  child.stdout?.resume()
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  await once(child, 'close')
  expect({ code: child.exitCode, stderr }).toEqual({ code: 0, stderr: '' })
}

/** What runs a program, and its arguments. */
function commandOf(language: string, path: string): [program: Program, args: readonly string[]] {
  const interpreter = INTERPRETERS[language]
  if (interpreter !== undefined) return [interpreter, [path]]
  return [{ command: `${path}.bin`, packages: 'built above' }, []]
}

function start({ language, file }: Snippet, servers: string): ChildProcess {
  const path = join(folder, file)
  if (language === 'ts') return startScript(path, { servers, cwd: folder })
  const child = startProgram(...commandOf(language, path), { env: { GEARMAN_SERVERS: servers } })
  child.stdout?.resume()
  child.stderr?.on('data', (text: Buffer) => process.stderr.write(`${file}: ${text}`))
  return child
}
