import { show } from '../core/checks.ts'
import { GEARMAND_VERSION, GearmanServer, SDK_VERSION } from '../server/index.ts'
import { COMMAND_HELP, serverHelp } from './help.ts'
import type { Environment } from './options/environment.ts'
import { exportQueue } from './process/export-queue.ts'
import { readInvocation } from './read-invocation.ts'
import type { ServerSettings } from './server-settings.ts'
import { UsageError } from './usage-error.ts'

/** What a command has to do with the world. */
export interface CommandWorld {
  readonly environment: Environment
  writeOut(text: string): void
  writeError(text: string): void
  /** Runs a server until it has ended, and gives the exit code. */
  runServer(settings: ServerSettings): Promise<number>
}

/** As gearmand's `--version` prints it, with a line of its own in front. */
const VERSION_TEXT = `\ngearman-sdk ${SDK_VERSION} - stands in for gearmand ${GEARMAND_VERSION}\n`

/**
 * Runs `gearman-sdk` with the words behind its name.
 *
 * @returns the exit code: 1 when the command line is wrong, which is one line on stderr
 */
export async function runCommand(words: readonly string[], world: CommandWorld): Promise<number> {
  const [command, ...rest] = words
  try {
    switch (command) {
      case undefined:
      case 'help':
      case '-h':
      case '--help':
        world.writeOut(COMMAND_HELP)
        return 0
      case '-V':
      case '--version':
        world.writeOut(VERSION_TEXT)
        return 0
      case 'server':
        return await runServerCommand(rest, world)
      default:
        throw new UsageError(
          `unknown command ${show(command)}; the command is server, see gearman-sdk --help`,
        )
    }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    const name = command === 'server' ? 'gearman-sdk server' : 'gearman-sdk'
    world.writeError(`${name}: ${error.message.replaceAll(/\s*[\r\n]\s*/g, ' ')}\n`)
    return 1
  }
}

async function runServerCommand(words: readonly string[], world: CommandWorld): Promise<number> {
  const invocation = readInvocation(words, world.environment)
  switch (invocation.action) {
    case 'help':
      world.writeOut(serverHelp())
      return 0
    case 'version':
      world.writeOut(VERSION_TEXT)
      return 0
    case 'check':
      checkOptions(invocation.settings)
      return 0
    case 'export':
      return await exportQueue(invocation.settings, world)
    case 'run':
      return await world.runServer(invocation.settings)
  }
}

/** What the table of options let through, the server itself has to accept as well. */
function checkOptions({ server }: ServerSettings): void {
  try {
    new GearmanServer(server)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new UsageError(reason, { cause: error })
  }
}
