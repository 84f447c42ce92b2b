import type { LogSettings } from '../server-settings.ts'
import { LogFile } from './log-file.ts'
import type { LogSink } from './log-sink.ts'
import { ServerLog } from './server-log.ts'
import type { Syslog } from './syslog.ts'

/**
 * Opens all destinations of the log.
 *
 * @param syslog loaded before, since that takes time
 * @throws StartFailure when the file cannot be written
 */
export function openLog({ level, file }: LogSettings, syslog: Syslog | undefined): ServerLog {
  const sinks: LogSink[] = []
  if (file !== 'none') sinks.push(new LogFile(file === 'stderr' ? undefined : file))
  if (syslog !== undefined) sinks.push(syslog)
  return new ServerLog(level, sinks)
}
