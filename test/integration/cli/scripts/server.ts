/**
 * The process behind the command, without the command line: settings come as JSON.
 * SIGUSR2 makes it fail as a defect would.
 */
import { runServer } from '../../../../src/cli/process/run-server.ts'
import type { ServerSettings } from '../../../../src/cli/server-settings.ts'

process.on('SIGUSR2', () => {
  throw new Error('a defect')
})
const settings = JSON.parse(process.argv[2] ?? '') as ServerSettings
process.exitCode = await runServer(settings)
