import { STORE_KINDS } from '../stores/store-kinds.ts'
import { GEAR_OPTIONS } from './gear-options.ts'
import { GENERAL_OPTIONS } from './general-options.ts'
import { HTTP_OPTIONS } from './http-options.ts'
import { OWN_OPTIONS } from './own-options.ts'
import type { OptionSection, ServerOption } from './server-option.ts'

/** Every option of `gearman-sdk server`, in the order of `--help`. An option is a row of its section. */
export const OPTION_SECTIONS: readonly OptionSection[] = [
  GENERAL_OPTIONS,
  HTTP_OPTIONS,
  GEAR_OPTIONS,
  ...STORE_KINDS.map(({ section }) => section),
  OWN_OPTIONS,
]

const OPTIONS: readonly ServerOption[] = OPTION_SECTIONS.flatMap(({ options }) => options)
const BY_NAME: ReadonlyMap<string, ServerOption> = new Map(
  OPTIONS.map((option) => [option.name, option]),
)
const BY_SHORT: ReadonlyMap<string | undefined, ServerOption> = new Map(
  OPTIONS.filter(({ short }) => short !== undefined).map((option) => [option.short, option]),
)

/** The option with a long name; gearmand takes no abbreviations, and neither do we. */
export function findOption(name: string): ServerOption | undefined {
  return BY_NAME.get(name)
}

/** The option with a short name. */
export function findShortOption(letter: string): ServerOption | undefined {
  return BY_SHORT.get(letter)
}

/** The options that a word with dashes may have meant, for an error message. */
export function similarOptions(word: string): readonly ServerOption[] {
  const start = word.replace(/^-*/, '').replace(/=.*/s, '').replaceAll('_', '-').toLowerCase()
  if (start.length < 2) return []
  return OPTIONS.filter(({ name }) => name.startsWith(start))
}
