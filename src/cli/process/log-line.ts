import type { LogLevel } from '../server-settings.ts'

/**
 * What gearmand calls the thread of a line: `main` for the process and its connections, `proc` for the
 * queue. Here one thread does both; log analysers know lines by this column.
 */
export type LogThread = 'main' | 'proc'

/** Milliseconds in a minute: no time zone changes its offset within one. */
const MINUTE_MS = 60_000

let minuteStartMs = Number.NaN
let minuteText = ''

/** A line of gearmand's log (`libgearman-server/log.cc`), in local time, without the position in its source. */
export function formatLogLine(
  level: LogLevel,
  thread: LogThread,
  text: string,
  timeMs: number,
): string {
  return `${level.padStart(7)} ${formatTime(timeMs)} [ ${thread.padStart(5)} ] ${text}\n`
}

/** `YYYY-MM-DD HH:MM:SS.micro`; the clock has milliseconds. */
function formatTime(timeMs: number): string {
  const startMs = timeMs - (timeMs % MINUTE_MS)
  if (startMs !== minuteStartMs) {
    minuteStartMs = startMs
    minuteText = formatMinute(new Date(startMs))
  }
  const inMinuteMs = timeMs - startMs
  const seconds = String(Math.floor(inMinuteMs / 1000)).padStart(2, '0')
  const millis = String(Math.floor(inMinuteMs % 1000)).padStart(3, '0')
  return `${minuteText}:${seconds}.${millis}000`
}

function formatMinute(time: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0')
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`
  return `${day} ${two(time.getHours())}:${two(time.getMinutes())}`
}
