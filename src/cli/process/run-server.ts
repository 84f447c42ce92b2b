import type { ServerSettings } from '../server-settings.ts'
import { DaemonLaunch } from './daemon-launch.ts'
import { type ServerIo, standardIo, TerminalLaunch } from './launch.ts'
import { ServerProcess } from './server-process.ts'
import { startDaemon } from './start-daemon.ts'

/**
 * Runs the job server until a signal or the text command `shutdown` ends it.
 *
 * What keeps it from starting is one line on standard error; nothing of it is left running then.
 *
 * @returns the exit code: 0 when it was told to stop, 1 when it could not start
 */
export async function runServer(
  settings: ServerSettings,
  io: ServerIo = standardIo,
): Promise<number> {
  const daemon = DaemonLaunch.find()
  if (settings.isDaemon && daemon === undefined) return await startDaemon(io)
  return await new ServerProcess(settings, daemon ?? new TerminalLaunch(io)).run()
}
