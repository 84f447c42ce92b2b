import { LOG_LEVELS } from '../server-settings.ts'
import { QUEUE_TYPES } from '../stores/store-kinds.ts'
import { flag, type OptionSection, valued } from './server-option.ts'
import { choice, choiceInAnyCase, integer, text, textLike } from './values.ts'

const MAX_COUNT = 2 ** 31 - 1

/** What Linux takes. */
const MAX_KEEPALIVE_SECONDS = 32_767

/** The "General options" of gearmand 1.1.20 in the order of its `--help`. */
export const GENERAL_OPTIONS: OptionSection = {
  title: 'General options',
  options: [
    valued({
      name: 'backlog',
      short: 'b',
      kind: integer(1, 65_535),
      shownDefault: '511',
      help: 'Number of backlog connections for listen.',
      set: (draft, value) => {
        draft.server.backlog = value
      },
    }),
    flag({
      name: 'check-args',
      isCommandLineOnly: true,
      help: 'Check command line, environment and configuration file, and exit.',
    }),
    flag({
      name: 'daemon',
      short: 'd',
      help: 'Daemon, detach and run in the background.',
      set: (draft, isOn) => {
        draft.isDaemon = isOn
      },
    }),
    flag({
      name: 'exceptions',
      help: 'Enable protocol exceptions by default.',
      set: (draft, isOn) => {
        draft.server.exceptions = isOn
      },
    }),
    valued({
      name: 'file-descriptors',
      short: 'f',
      kind: integer(0, MAX_COUNT),
      help: 'Accepted, not set: a Node process cannot change its limit. Set it where the server is started (ulimit -n, LimitNOFILE=).',
      notice:
        '--file-descriptors cannot be set by a Node process: the limit it was started with holds (ulimit -n, LimitNOFILE=)',
    }),
    flag({ name: 'help', short: 'h', isCommandLineOnly: true, help: 'Print this help menu.' }),
    valued({
      name: 'job-retries',
      short: 'j',
      kind: integer(-1, MAX_COUNT),
      shownDefault: '0',
      help: 'Number of attempts to run the job before the job server removes it. This is helpful to ensure a bad job does not crash all available workers. Default is no limit.',
      set: (draft, value) => {
        draft.server.jobRetries = Math.max(0, value) // -1 is gearmand 2.0's word for no limit
      },
    }),
    valued({
      name: 'job-handle-prefix',
      kind: textLike('1 to 47 characters of printable ASCII without spaces', /^[!-~]{1,47}$/),
      help: 'Prefix used to generate a job handle string. If not provided, the default "H:<host_name>" is used.',
      set: (draft, value) => {
        draft.server.jobHandlePrefix = value
      },
    }),
    valued({
      name: 'hashtable-buckets',
      kind: integer(1, MAX_COUNT),
      help: 'Accepted, not needed: the tables grow with the number of jobs.',
      notice: '--hashtable-buckets is not needed: the tables grow with the number of jobs',
    }),
    flag({
      name: 'keepalive',
      help: 'Enable keepalive on sockets. It is on anyway, as in gearmand 1.1.20.',
      set: (draft, isOn) => {
        draft.keepAlive.isOn = isOn
      },
    }),
    valued({
      name: 'keepalive-idle',
      kind: integer(-1, MAX_KEEPALIVE_SECONDS),
      shownDefault: '-1',
      help: "Seconds of silence until keepalive asks whether the peer is there. -1 is the system's value.",
      set: (draft, value) => {
        draft.keepAlive.idleSeconds = value > 0 ? value : undefined
      },
    }),
    valued({
      name: 'keepalive-interval',
      kind: integer(-1, MAX_COUNT),
      shownDefault: '-1',
      help: "Accepted, not set: Node has no call for it, the system's value holds.",
      notice:
        "--keepalive-interval cannot be set by a Node process: the system's value holds (net.ipv4.tcp_keepalive_intvl)",
    }),
    valued({
      name: 'keepalive-count',
      kind: integer(-1, MAX_COUNT),
      shownDefault: '-1',
      help: "Accepted, not set: Node has no call for it, the system's value holds.",
      notice:
        "--keepalive-count cannot be set by a Node process: the system's value holds (net.ipv4.tcp_keepalive_probes)",
    }),
    valued({
      name: 'log-file',
      short: 'l',
      kind: text('a path, stderr or none'),
      shownDefault: 'stderr',
      help: "Log file to write errors and information to. If the log-file parameter is specified as 'stderr', then output will go to stderr. If 'none', then no logfile will be generated.",
      set: (draft, value) => {
        draft.log.file = value
      },
    }),
    valued({
      name: 'listen',
      short: 'L',
      kind: textLike('an address or a host name', /^[^\s]+$/),
      shownDefault: '127.0.0.1',
      help: 'Address the server should listen on. 0.0.0.0 is all of IPv4, :: is all. localhost is 127.0.0.1.',
      set: (draft, value) => {
        // Which of its addresses a name means is up to the system, and ::1 alone is no use to most clients.
        draft.server.host = value === 'localhost' ? '127.0.0.1' : value
      },
    }),
    valued({
      name: 'pid-file',
      short: 'P',
      kind: text('a path'),
      help: 'File to write process ID out to. Default is none.',
      set: (draft, value) => {
        draft.pidFile = value
      },
    }),
    valued({
      name: 'protocol',
      short: 'r',
      kind: choice(['http']),
      help: 'Load protocol module: http.',
      set: (draft) => {
        draft.http.isOn = true
      },
    }),
    flag({
      name: 'round-robin',
      short: 'R',
      help: 'Take turns among the functions of a worker. The default is the function that the worker added last, as long as it has jobs.',
      set: (draft, isOn) => {
        draft.server.roundRobin = isOn
      },
    }),
    valued({
      name: 'queue-type',
      short: 'q',
      kind: choiceInAnyCase(QUEUE_TYPES),
      shownDefault: 'builtin',
      help: `Persistent queue type to use: ${QUEUE_TYPES.join(', ')}.`,
      set: (draft, value) => {
        draft.store.queueType = value
      },
    }),
    valued({
      name: 'config-file',
      isCommandLineOnly: true,
      kind: text('a path'),
      help: 'File with more options, read only when named.',
    }),
    flag({
      name: 'syslog',
      help: 'Use syslog, too.',
      set: (draft, isOn) => {
        draft.log.isSyslog = isOn
      },
    }),
    flag({
      name: 'coredump',
      help: 'Accepted, not set: core dumps are up to the system (ulimit -c).',
      notice: '--coredump is not set: core dumps are up to the system (ulimit -c, LimitCORE=)',
    }),
    valued({
      name: 'threads',
      short: 't',
      kind: integer(0, MAX_COUNT),
      help: 'Accepted, not needed: one thread does all the I/O.',
      notice: '--threads is not needed: one thread does all the I/O',
    }),
    valued({
      name: 'user',
      short: 'u',
      kind: text('the name of an account'),
      help: 'Switch to given user after startup.',
      set: (draft, value) => {
        draft.user = value
      },
    }),
    valued({
      name: 'verbose',
      kind: choice(LOG_LEVELS),
      shownDefault: 'ERROR',
      help: `Set verbose level (${LOG_LEVELS.join(', ')}).`,
      set: (draft, value) => {
        draft.log.level = value
        draft.server.verbose = value
      },
    }),
    flag({
      name: 'version',
      short: 'V',
      isCommandLineOnly: true,
      help: 'Display the version and exit.',
    }),
    valued({
      name: 'worker-wakeup',
      short: 'w',
      kind: integer(0, MAX_COUNT),
      shownDefault: '0',
      help: 'Number of workers to wakeup for each job received. The default is to wakeup all available workers.',
      set: (draft, value) => {
        draft.server.workerWakeup = value
      },
    }),
  ],
}
