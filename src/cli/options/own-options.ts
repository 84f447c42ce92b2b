import { flag, type OptionSection, type ServerOption, valued } from './server-option.ts'
import { choice, integer, networks, text } from './values.ts'

/** The options that gearmand does not have. */
export const OWN_OPTIONS: OptionSection = {
  title: 'Not in gearmand',
  options: [
    valued({
      name: 'compat',
      kind: choice(['1.1.20', '2.0']),
      shownDefault: '1.1.20',
      help: 'The gearmand whose order of jobs holds. 2.0: by priority over all functions of a worker, always round robin.',
      set: (draft, value) => {
        draft.server.compat = value
      },
    }),
    valued({
      name: 'admin-from',
      isRepeatable: true,
      kind: networks,
      help: 'Addresses and networks that may stop the server, pause, purge, requeue and drop, beside this machine: 10.0.0.0/8,::1. Can be repeated.',
      set: (draft, value) => {
        draft.adminFrom.push(...value)
      },
    }),
    flag({
      name: 'ssl-verify-client',
      help: 'Refuse clients without a certificate of the CA file.',
      set: (draft, isOn) => {
        draft.tls.isClientVerified = isOn
      },
    }),
    valued({
      name: 'http-compat',
      kind: choice(['on', 'off']),
      shownDefault: 'on',
      help: "gearmand's HTTP status codes: 200 for failed jobs, too. off: codes that say what happened.",
      set: (draft, value) => {
        draft.http.isCompatible = value === 'on'
      },
    }),
    valued({
      name: 'data-dir',
      kind: text('a path'),
      help: 'Keep background jobs in this folder, in a SQLite database. It is made when it is not there.',
      set: (draft, value) => {
        draft.store.dataFolder = value
      },
    }),
    flag({
      name: 'export-queue',
      isCommandLineOnly: true,
      help: 'Move the jobs of the queue that the other options name to where gearmand keeps them, and exit.',
    }),
    limit('max-uncommitted-jobs', 'maxUncommittedJobs', 1, 2 ** 31 - 1, {
      shownDefault: '100000',
      help: 'Submissions that may wait for a persistent queue; more are refused.',
    }),
    limit('max-uncommitted-bytes', 'maxUncommittedBytes', 1, Number.MAX_SAFE_INTEGER, {
      shownDefault: '268435456',
      help: 'Data that may wait for a persistent queue; more is refused.',
    }),
    valued({
      name: 'keep-failed',
      kind: integer(0, 2 ** 24),
      shownDefault: '0',
      help: 'How many background jobs that failed are kept, to be listed and queued again. 0 is none.',
      set: (draft, value) => {
        draft.server.keepFailed = value > 0 && { maxJobs: value }
      },
    }),
    valued({
      name: 'keep-results',
      kind: integer(0, 2 ** 31 - 1),
      shownDefault: '0',
      help: 'For how many seconds results of background jobs are kept, for clients that ask for them. 0 keeps none.',
      set: (draft, value) => {
        draft.server.keepResults = value === 0 ? undefined : { ttl: value * 1000 }
      },
    }),
    limit('max-packet-bytes', 'maxPacketBytes', 1024, 2 ** 32 - 1, {
      shownDefault: '268435456',
      help: 'Largest packet; a larger one is answered with an error.',
    }),
    limit('max-line-bytes', 'maxLineBytes', 64, 2 ** 31 - 1, {
      shownDefault: '8192',
      help: 'Longest text command; a longer one closes its connection.',
    }),
    limit('max-argument-bytes', 'maxArgumentBytes', 512, 2 ** 31 - 1, {
      shownDefault: '8192',
      help: 'Longest argument of a packet, its data left out.',
    }),
    limit('max-unsent-bytes', 'maxUnsentBytes', 1024 * 1024, Number.MAX_SAFE_INTEGER, {
      shownDefault: '536870912',
      help: 'What may wait for a peer that does not read, until it is cut off.',
    }),
    limit('max-buffered-bytes', 'maxBufferedBytes', 1024 * 1024, Number.MAX_SAFE_INTEGER, {
      shownDefault: '2147483648',
      help: 'What all connections may hold together of unfinished packets and unread answers.',
    }),
    orNone('max-connections', 'maxConnections', {
      shownDefault: '0',
      help: 'How many connections there may be. 0 is no limit.',
    }),
    orNone('handshake-timeout', 'handshakeTimeout', {
      shownDefault: '10000',
      help: 'Milliseconds for a TLS handshake. 0 is no limit.',
    }),
    orNone('stall-timeout', 'stallTimeout', {
      shownDefault: '60000',
      help: 'Milliseconds without a byte in the middle of a packet or line, until the connection is closed. 0 is no limit.',
    }),
    orNone('idle-timeout', 'idleTimeout', {
      shownDefault: '0',
      help: 'Milliseconds without a byte, until a connection is closed that waits for nothing. 0 is no limit.',
    }),
    orNone('drain-timeout', 'drainTimeout', {
      shownDefault: '10000',
      help: 'At a graceful stop: milliseconds until it no longer waits for workers to take queued jobs. 0 is no limit.',
    }),
  ],
}

interface Shown {
  readonly shownDefault: string
  readonly help: string
}

type Limit =
  | 'maxPacketBytes'
  | 'maxLineBytes'
  | 'maxArgumentBytes'
  | 'maxUnsentBytes'
  | 'maxBufferedBytes'
  | 'maxUncommittedJobs'
  | 'maxUncommittedBytes'

function limit(name: string, target: Limit, min: number, max: number, shown: Shown): ServerOption {
  return valued({
    name,
    kind: integer(min, max),
    ...shown,
    set: (draft, value) => {
      draft.server[target] = value
    },
  })
}

type LimitOrNone =
  | 'maxConnections'
  | 'handshakeTimeout'
  | 'stallTimeout'
  | 'idleTimeout'
  | 'drainTimeout'

/** A limit that 0 takes away, as in gearmand's options. */
function orNone(name: string, target: LimitOrNone, shown: Shown): ServerOption {
  return valued({
    name,
    kind: integer(0, 2 ** 31 - 1),
    ...shown,
    set: (draft, value) => {
      draft.server[target] = value === 0 ? Number.POSITIVE_INFINITY : value
    },
  })
}
