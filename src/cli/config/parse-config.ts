import { show } from '../../core/checks.ts'
import { GivenOptions, giveOption } from '../options/given-option.ts'
import { findOption } from '../options/option-table.ts'
import { parseWords } from '../options/parse-words.ts'
import type { ServerOption } from '../options/server-option.ts'
import { UsageError } from '../usage-error.ts'
import { isStoreName, storeWords, WORD_NAMES } from './init-script-names.ts'
import { type ConfigLine, splitLines } from './split-lines.ts'

/** What a config file says. */
export interface Config {
  readonly given: GivenOptions
  /** Keys and words that mean nothing here; gearmand ignores such words silently. */
  readonly unknown: readonly string[]
}

/** The words that switch an option without argument, as in `daemon=yes`. */
const SWITCH_WORDS: ReadonlyMap<string, 'on' | 'off'> = new Map([
  ['on', 'on'],
  ['yes', 'on'],
  ['true', 'on'],
  ['1', 'on'],
  ['off', 'off'],
  ['no', 'off'],
  ['false', 'off'],
  ['0', 'off'],
])

/**
 * Reads the text of a config file: command-line words, as gearmand has them there, and lines `name=value` with
 * the long name of an option or a name of an init script.
 *
 * @throws UsageError for an unknown option with dashes, a wrong value, an option given twice
 */
export function parseConfig(text: string): Config {
  const given = new GivenOptions()
  const unknown: string[] = []
  const storeValues = new Map<string, string>()
  const words: string[] = []
  for (const line of splitLines(text)) {
    const assignment = readAssignment(line)
    if (assignment === undefined) {
      words.push(...line) // a value may stand on the line behind its option
    } else if (WORD_NAMES.has(assignment.key)) {
      parseWords(splitWords(assignment.value), given, (word) => unknown.push(word))
    } else if (isStoreName(assignment.key)) {
      storeValues.set(assignment.key, assignment.value)
    } else if (!giveByName(assignment, given)) {
      unknown.push(assignment.key)
    }
  }
  parseWords(words, given, (word) => unknown.push(word))
  parseWords(storeWords(storeValues), given)
  for (const { option } of [...given.byName().values()].flat()) checkPlace(option)
  return { given, unknown }
}

interface Assignment {
  readonly key: string
  readonly value: string
}

/** `key=value`, `key = value`, and what stands in between; `undefined` for command-line words. */
function readAssignment(line: ConfigLine): Assignment | undefined {
  const match = /^([A-Za-z][\w-]*) ?=(.*)$/s.exec(line.join(' '))
  if (match === null) return undefined
  const [, key = '', value = ''] = match
  return { key, value: value.trim() }
}

function splitWords(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '')
}

function giveByName({ key, value }: Assignment, given: GivenOptions): boolean {
  const option = findOption(key)
  if (option === undefined) return false
  if (option.expects !== undefined) {
    given.add(giveOption(option, value, key))
    return true
  }
  const word = SWITCH_WORDS.get(value.toLowerCase())
  if (word === undefined) {
    const allowed = [...SWITCH_WORDS.keys()].join(', ')
    throw new UsageError(`${key} must be one of ${allowed}, not ${show(value)}`)
  }
  given.add(giveOption(option, word, key))
  return true
}

function checkPlace({ name, isCommandLineOnly }: ServerOption): void {
  if (isCommandLineOnly === true) {
    throw new UsageError(`--${name} is allowed on the command line only`)
  }
}
