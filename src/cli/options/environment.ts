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
 * What the environment says. An empty variable says nothing, and one whose option the command line has is not
 * looked at: Kubernetes sets `GEARMAND_PORT=tcp://...` where a service is named `gearmand`.
 *
 * @throws UsageError naming the variable
 */
export function readEnvironment(environment: Environment, commandLine: GivenOptions): GivenOptions {
  const given = new GivenOptions()
  for (const [variable, name] of ENVIRONMENT_OPTIONS) {
    const text = environment[variable] ?? ''
    const option = findOption(name)
    if (text === '' || option === undefined || commandLine.has(name)) continue
    given.add(giveOption(option, text, variable))
  }
  return given
}
