/** What the process of `--daemon` tells the one that started it. */
export interface DaemonMessage {
  readonly isReady: boolean
  readonly line: string
}

/** Says to a process that it is the one behind `--daemon`. Its children are not. */
export const DAEMON_VARIABLE = 'GEARMAN_SDK_DAEMON'

/** Checks what came through the channel. */
export function isDaemonMessage(value: unknown): value is DaemonMessage {
  if (typeof value !== 'object' || value === null) return false
  return 'isReady' in value && 'line' in value && typeof value.line === 'string'
}
