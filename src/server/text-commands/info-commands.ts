import { SERVER_VERSION } from '../version.ts'
import type { TextCommand } from './text-command.ts'

/** `version` */
export const version: TextCommand = () => `OK ${SERVER_VERSION}\n`

/** `getpid` */
export const getpid: TextCommand = () => `OK ${process.pid}\n`

/** `verbose`: the log level, read-only. */
export const verbose: TextCommand = (_words, { server }) => `OK ${server.verbose}\n`
