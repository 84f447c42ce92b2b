import { GivenOptions, giveOption } from './given-option.ts'
import { findOption } from './option-table.ts'

/** The variables that gearmand reads, and the options that they stand for. */
export const ENVIRONMENT_OPTIONS: ReadonlyMap<string, string> = new Map([
  ['GEARMAND_PORT', 'port'],
  ['GEARMAND_CA_CERTIFICATE', 'ssl-ca-file'],
  ['GEARMAND_SERVER_PEM', 'ssl-certificate'],
  ['GEARMAND_SERVER_KEY', 'ssl-key'],
])

/** The values of environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * What the environment says. An empty variable says nothing.
 *
 * @throws UsageError naming the variable
 */
export function readEnvironment(environment: Environment): GivenOptions {
  const given = new GivenOptions()
  for (const [variable, name] of ENVIRONMENT_OPTIONS) {
    const text = environment[variable] ?? ''
    const option = findOption(name)
    if (text === '' || option === undefined) continue
    given.add(giveOption(option, text, variable))
  }
  return given
}
