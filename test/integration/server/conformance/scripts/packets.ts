import type { Step, Theme } from '../script.ts'

/** What a server sends, with as many arguments as it sends. */
const REPLIES: readonly Step[] = [
  ['peer', 'NOOP'],
  ['peer', 'JOB_CREATED', 'h'],
  ['peer', 'NO_JOB'],
  ['peer', 'JOB_ASSIGN', 'h', 'f', 'data'],
  ['peer', 'ECHO_RES', 'data'],
  ['peer', 'ERROR', 'code', 'text'],
  ['peer', 'STATUS_RES', 'h', '1', '1', '2', '3'],
  ['peer', 'OPTION_RES', 'exceptions'],
  ['peer', 'JOB_ASSIGN_UNIQ', 'h', 'f', 'u', 'data'],
  ['peer', 'JOB_ASSIGN_ALL', 'h', 'f', 'u', 'r', 'data'],
  ['peer', 'STATUS_RES_UNIQUE', 'u', '1', '1', '2', '3', '4'],
]

/** Types that no server takes any more, or never took. */
const UNUSED: readonly Step[] = [
  ['peer', 5],
  ['peer', 'ALL_YOURS'],
  ['peer', 'SUBMIT_JOB_SCHED', 'f', 'u', '1', '2', '3', '4', '5', 'data'],
  ['peer', 'SUBMIT_JOB_SCHED', '', '', '', '', '', '', '', ''],
]

/** What takes a body although it has none. */
const STRAY_BODIES: readonly Step[] = [
  ['peer', 'PRE_SLEEP', 'stray'],
  ['peer', 'GRAB_JOB', 'stray'],
  ['peer', 'GRAB_JOB_UNIQ', 'stray\0stray'],
  ['peer', 'GRAB_JOB_ALL', '\0'],
  ['peer', 'CAN_DO', 'f'],
  ['peer', 'RESET_ABILITIES', 'stray'],
  ['peer', 'text', 'workers\n'],
]

export const PACKETS: Theme = {
  subject: 'packets that say nothing about jobs',
  scripts: [
    {
      name: 'an echo gives back any bytes, and none',
      steps: [
        ['peer', 'ECHO_REQ'],
        ['peer', 'ECHO_REQ', ''],
        ['peer', 'ECHO_REQ', '\0'],
        ['peer', 'ECHO_REQ', '', '', ''],
        ['peer', 'ECHO_REQ', '\0RES\0\0\0\x11'],
        ['peer', 'ECHO_REQ', 'x'.repeat(8191)],
        ['peer', 'ECHO_REQ', 'x'.repeat(8192)],
        ['peer', 'ECHO_REQ', 'x'.repeat(8193)],
        ['peer', 'ECHO_REQ', 'x'.repeat(200_000)],
      ],
    },
    {
      name: 'what only a server says is not expected, and the connection goes on',
      steps: [...REPLIES, ['peer', 'ECHO_REQ', 'still here']],
    },
    {
      name: 'what is not used is not expected, and the connection goes on',
      steps: [...UNUSED, ['peer', 'ECHO_REQ', 'still here']],
    },
    { name: 'a body where there should be none changes nothing', steps: STRAY_BODIES },
    {
      name: 'under the magic of responses nothing is done',
      steps: [
        ['peer', 'raw', '\0RES', 'ECHO_REQ', 'x'],
        ['peer', 'raw', '\0RES', 'SUBMIT_JOB_BG', 'f', '', 'x'],
        ['peer', 'raw', '\0RES', 'CAN_DO', 'f'],
        ['peer', 'raw', '\0RES', 'GRAB_JOB'],
        ['peer', 'raw', '\0RES', 'OPTION_REQ', 'exceptions'],
        ['peer', 'raw', '\0RES', 'JOB_CREATED', 'h'],
        ['peer', 'raw', '\0RES', 'WORK_COMPLETE', 'h', 'x'],
        ['peer', 'raw', '\0RES', 'GET_STATUS', 'h'],
        ['peer', 'raw', '\0RES', 'ALL_YOURS'],
        ['peer', 'text', 'status\nworkers\n'],
      ],
    },
    ...['\0REX', '\0req', '\0\0\0\0', '\0RE\0'].map((magic) => ({
      name: `the magic ${JSON.stringify(magic)} closes the connection`,
      steps: [['peer', 'raw', magic, 'ECHO_REQ', 'x']] as const satisfies readonly Step[],
    })),
    {
      name: 'the option exceptions is known in any case, and nothing else is',
      steps: [
        ['peer', 'OPTION_REQ', 'exceptions'],
        ['peer', 'OPTION_REQ', 'EXCEPTIONS'],
        ['peer', 'OPTION_REQ', 'exceptions'],
        ['peer', 'OPTION_REQ', 'Exceptions\0'],
        ['peer', 'OPTION_REQ', 'exceptions\0x'],
        ['peer', 'OPTION_REQ', 'exception'],
        ['peer', 'OPTION_REQ', 'exceptionss'],
        ['peer', 'OPTION_REQ', ' exceptions'],
        ['peer', 'OPTION_REQ', ''],
        ['peer', 'OPTION_REQ'],
        ['peer', 'OPTION_REQ', 'x'.repeat(62)],
        ['peer', 'OPTION_REQ', 'x'.repeat(63)],
        ['peer', 'OPTION_REQ', 'x'.repeat(64)],
        ['peer', 'OPTION_REQ', 'x'.repeat(1000)],
      ],
    },
    {
      name: 'a worker name is shown, cut at 127 bytes',
      steps: [
        ['peer', 'text', 'workers\n'],
        ['peer', 'SET_CLIENT_ID', 'name'],
        ['peer', 'text', 'workers\n'],
        ['peer', 'SET_CLIENT_ID', 'two words'],
        ['peer', 'text', 'workers\n'],
        ['peer', 'SET_CLIENT_ID', 'before\0behind'],
        ['peer', 'text', 'workers\n'],
        ['peer', 'SET_CLIENT_ID', ''],
        ['peer', 'text', 'workers\n'],
        ['peer', 'SET_CLIENT_ID', 'n'.repeat(126)],
        ['peer', 'text', 'workers\n'],
        ['peer', 'SET_CLIENT_ID', 'n'.repeat(127)],
        ['peer', 'text', 'workers\n'],
        ['peer', 'SET_CLIENT_ID', 'n'.repeat(1000)],
        ['peer', 'text', 'workers\n'],
        ['peer', 'SET_CLIENT_ID', '\xff\xfe'],
        ['peer', 'text', 'workers\n'],
      ],
    },
  ],
}
