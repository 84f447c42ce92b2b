import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Command } from '../harness/reporting-program.ts'
import { NO_DELAY, NODE_CLIENT, NODE_WORKER } from './node/programs.ts'

/** A library with a client and a worker. */
export interface Library {
  readonly name: string
  /** Why it cannot be measured here, or undefined. */
  problem(): string | undefined
  /** Its client's program; `args` begin with host and port. */
  client(args: readonly string[]): Command
  /** Its worker's program; `args` are host, port, concurrency and jobs. */
  worker(args: readonly string[]): Command
}

const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
/** This library. */
export const OURS: Library = {
  name: 'gearman-sdk',
  problem: () => undefined,
  client: (args) => nodeCommand(NODE_CLIENT.path, ['gearman-sdk', ...args]),
  worker: (args) => nodeCommand(NODE_WORKER.path, ['gearman-sdk', ...args]),
}

/** libgearman, by C programs that are compiled at their first use. */
export const LIBGEARMAN: Library = {
  name: 'libgearman',
  problem: () => {
    try {
      compiled('client')
      compiled('worker')
      return undefined
    } catch (error) {
      return `its programs do not compile (libgearman-dev, gcc): ${String(error)}`
    }
  },
  client: (args) => ({ file: compiled('client'), args }),
  worker: (args) => ({ file: compiled('worker'), args }),
}

/** php-gearman. */
export const PHP: Library = interpreted('php-gearman', 'php', 'php', [
  '-r',
  'exit(extension_loaded("gearman") ? 0 : 1);',
])

/** Gearman::Client and Gearman::Worker of Perl. */
export const PERL: Library = interpreted('perl', 'perl', 'pl', ['-MGearman::Client', '-e1'])

/** The libraries of npm that set TCP_NODELAY themselves, or are made to. */
export const NPM: readonly Library[] = [
  npmLibrary('gearman', true),
  npmLibrary('node-gearman', true),
  npmLibrary('gearmanode', true),
  npmLibrary('abraxas', false),
]

/** The libraries of npm as they come. */
export const NPM_AS_SHIPPED: readonly Library[] = [
  'gearman',
  'node-gearman',
  'gearmanode',
  'abraxas',
].map((name) => npmLibrary(name, false))

/** What the name of a library ends with that is made to set TCP_NODELAY. */
export const NO_DELAY_MARK = '+nodelay'

function npmLibrary(name: string, setsNoDelay: boolean): Library {
  const flags = setsNoDelay ? ['--import', NO_DELAY.path] : []
  return {
    name: setsNoDelay ? `${name}+nodelay` : name,
    problem: () =>
      existsSync(fromHere(`../node_modules/${name}`)) ? undefined : `${name} is not installed`,
    client: (args) => nodeCommand(NODE_CLIENT.path, [name, ...args], flags),
    worker: (args) => nodeCommand(NODE_WORKER.path, [name, ...args], flags),
  }
}

function nodeCommand(
  program: string,
  args: readonly string[],
  flags: readonly string[] = [],
): Command {
  return { file: process.execPath, args: ['--expose-gc', ...flags, program, ...args] }
}

function interpreted(
  name: string,
  interpreter: string,
  extension: string,
  probe: readonly string[],
): Library {
  const program = (kind: string): string => fromHere(`./${interpreter}/${kind}.${extension}`)
  return {
    name,
    problem: () => {
      try {
        execFileSync(interpreter, probe, { stdio: 'ignore' })
        return undefined
      } catch {
        return `${name} is not installed`
      }
    },
    client: (args) => ({ file: interpreter, args: [program('client'), ...args] }),
    worker: (args) => ({ file: interpreter, args: [program('worker'), ...args] }),
  }
}

/** The path of a C program, compiled when its source is newer. */
function compiled(name: 'client' | 'worker'): string {
  const source = fromHere(`./c/${name}.c`)
  const folder = fromHere('../node_modules/.cache')
  const binary = `${folder}/libgearman-${name}`
  if (!existsSync(binary) || statSync(binary).mtimeMs < statSync(source).mtimeMs) {
    mkdirSync(folder, { recursive: true })
    execFileSync('cc', ['-O2', '-Wall', '-Wextra', '-o', binary, source, '-lgearman'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
  }
  return binary
}
