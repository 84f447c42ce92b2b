import { show } from '../../core/checks.ts'
import { UsageError } from '../usage-error.ts'
import { type GivenOptions, giveOption } from './given-option.ts'
import { findOption, findShortOption, similarOptions } from './option-table.ts'
import type { ServerOption } from './server-option.ts'

/** Takes the words that belong to no option, in their order. */
export type StrayWordHandler = (word: string) => void

/**
 * Reads command-line words as gearmand does (Boost's program_options): `--name VALUE`, `--name=VALUE`,
 * `-n VALUE`, `-nVALUE`, flags together as in `-dR`, and no abbreviations.
 *
 * @throws UsageError for an option that is unknown, given twice, or has a wrong value or none
 */
export function parseWords(
  words: readonly string[],
  into: GivenOptions,
  onStrayWord: StrayWordHandler = refuseWord,
): void {
  let position = 0
  const next = (): string | undefined => words[position++]
  for (let word = next(); word !== undefined; word = next()) {
    if (word === '--') {
      for (const stray of words.slice(position)) onStrayWord(stray)
      return
    }
    if (word.startsWith('--')) readLong(word, next, into)
    else if (word.startsWith('-') && word.length > 1) readShort(word, next, into)
    else onStrayWord(word)
  }
}

/** The next word, which is taken, or `undefined` when there is none. */
type NextWord = () => string | undefined

function readLong(word: string, next: NextWord, into: GivenOptions): void {
  const [, name = '', argument] = /^--([^=]*)(?:=(.*))?$/s.exec(word) ?? []
  const option = findOption(name)
  if (option === undefined) throw unknownOption(word)
  const label = `--${name}`
  if (argument === '') {
    throw new UsageError(`${label}= must be followed by a value without a space between`)
  }
  if (option.expects !== undefined) {
    into.add(giveOption(option, argument ?? takeArgument(option, label, next), label))
  } else if (argument === undefined) {
    into.add(giveOption(option, 'on', label))
  } else {
    throw new UsageError(`${label} takes no value, but got ${show(argument)}`)
  }
}

function readShort(word: string, next: NextWord, into: GivenOptions): void {
  for (let position = 1; position < word.length; position++) {
    const letter = word.charAt(position)
    const option = findShortOption(letter)
    if (option === undefined) throw unknownOption(word)
    const label = `-${letter}`
    if (option.expects !== undefined) {
      const attached = word.slice(position + 1)
      const argument = attached === '' ? takeArgument(option, label, next) : attached
      into.add(giveOption(option, argument, `${label} (--${option.name})`))
      return
    }
    into.add(giveOption(option, 'on', label))
  }
}

function takeArgument(option: ServerOption, label: string, next: NextWord): string {
  const word = next()
  if (word === undefined || isOption(word)) {
    throw new UsageError(`${label} needs a value: ${option.expects}`)
  }
  return word
}

/**
 * A value that looks like an option was forgotten. gearmand sees that of short options only: its
 * `--pid-file --daemon` writes a file of that name.
 */
function isOption(word: string): boolean {
  if (word.startsWith('--')) return findOption(word.slice(2).replace(/=.*/s, '')) !== undefined
  return word.length === 2 && word.startsWith('-') && findShortOption(word.charAt(1)) !== undefined
}

function unknownOption(word: string): UsageError {
  const similar = similarOptions(word).map(({ name }) => `--${name}`)
  const hint =
    similar.length > 0 ? `did you mean ${similar.join(' or ')}?` : 'see gearman-sdk server --help'
  return new UsageError(`unknown option ${show(word)}; ${hint}`)
}

function refuseWord(word: string): never {
  throw new UsageError(
    `unexpected argument ${show(word)}; only options are allowed, see gearman-sdk server --help`,
  )
}
