import createDebug, { type Debugger } from 'debug'

/** The areas that can be watched with `DEBUG=gearman:*`. Payloads are never logged, only lengths. */
export type LogArea = 'connection' | 'client' | 'worker' | 'admin' | 'server'

/** The `debug` logger of one area: `gearman:<area>`. */
export function createLog(area: LogArea): Debugger {
  return createDebug(`gearman:${area}`)
}
