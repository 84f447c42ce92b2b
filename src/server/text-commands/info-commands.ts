import { SERVER_VERSION } from '../version.ts'
import type { TextCommand } from './text-command.ts'

/** The level that gearmand logs at when it is not told otherwise. */
const VERBOSITY = 'ERROR'

/** `version` */
export const version: TextCommand = () => `OK ${SERVER_VERSION}\n`

/** `getpid` */
export const getpid: TextCommand = () => `OK ${process.pid}\n`

/** `verbose`: the log level, read-only. */
export const verbose: TextCommand = () => `OK ${VERBOSITY}\n`
