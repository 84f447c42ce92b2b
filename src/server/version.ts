/** The version of this package, as in package.json (a test compares them). */
export const SDK_VERSION = '0.1.0'

/** The gearmand whose behaviour on the wire the server follows. */
export const GEARMAND_VERSION = '1.1.20'

/** What the text command `version` answers behind `OK `. */
export const SERVER_VERSION: string = `${GEARMAND_VERSION} gearman-sdk/${SDK_VERSION}`
