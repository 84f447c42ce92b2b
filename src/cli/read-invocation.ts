import { show } from '../core/checks.ts'
import { type Config, parseConfig } from './config/parse-config.ts'
import { readConfigFile } from './config/read-config-file.ts'
import { type Environment, readEnvironment } from './options/environment.ts'
import { finishSettings } from './options/finish-settings.ts'
import { type GivenOption, GivenOptions } from './options/given-option.ts'
import { parseWords } from './options/parse-words.ts'
import { newDraft } from './options/settings-draft.ts'
import type { ServerSettings } from './server-settings.ts'
import { UsageError } from './usage-error.ts'

/** What `gearman-sdk server` was asked to do. */
export type Invocation =
  | { readonly action: 'help' }
  | { readonly action: 'version' }
  | { readonly action: 'check' | 'export' | 'run'; readonly settings: ServerSettings }

/**
 * Reads the command line behind `gearman-sdk server`, the environment, and the config file if one is named. Where
 * they differ, the command line wins over the environment, and that over the config file.
 *
 * @throws UsageError for everything that is wrong
 */
export function readInvocation(words: readonly string[], environment: Environment): Invocation {
  const commandLine = new GivenOptions()
  parseWords(words, commandLine)
  if (commandLine.has('help')) return { action: 'help' }
  if (commandLine.has('version')) return { action: 'version' }

  const isCheck = commandLine.has('check-args')
  const path = commandLine.textOf('config-file')
  const config = path === undefined ? parseConfig('') : readConfigFile(path)
  const merged = new Map<string, readonly GivenOption[]>([
    ...config.given.byName(),
    ...readEnvironment(environment, commandLine).byName(),
    ...commandLine.byName(),
  ])
  const draft = newDraft()
  for (const given of [...merged.values()].flat()) given.apply(draft)
  if (config.unknown.length > 0) {
    const problem = unknownKeys(path, config)
    if (isCheck) throw new UsageError(problem)
    draft.notices.push(`${problem}; ignored`)
  }
  const named = new Set([...config.given.byName().keys(), ...commandLine.byName().keys()])
  const settings = finishSettings(draft, named)
  if (isCheck) return { action: 'check', settings }
  return { action: commandLine.has('export-queue') ? 'export' : 'run', settings }
}

function unknownKeys(path: string | undefined, { unknown }: Config): string {
  const names = unknown.map((name) => show(name)).join(', ')
  return `config file ${path}: unknown ${unknown.length === 1 ? 'key' : 'keys'} ${names}`
}
