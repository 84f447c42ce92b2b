import type { PacketName } from '../../../../../src/protocol/packets.ts'
import { type Step, type Theme, times } from '../script.ts'

const SUBMISSIONS: readonly PacketName[] = ['SUBMIT_JOB_HIGH', 'SUBMIT_JOB', 'SUBMIT_JOB_LOW_BG']

/** A submission of each priority, and of the other kinds. */
function submitAll(unique: string): Step[] {
  return [
    ...SUBMISSIONS.map(
      (kind, index): Step => ['client', kind, 'f', unique && `${unique}${index}`, ''],
    ),
    ['client', 'SUBMIT_JOB_EPOCH', 'f', unique && `${unique}e`, '0', ''],
    ['client', 'SUBMIT_REDUCE_JOB', 'f', unique && `${unique}r`, '', '', ''],
  ]
}

/** What `maxqueue` is told, with so many jobs waiting already. */
const MAXQUEUES = [
  'f',
  'f 0',
  'f 1',
  'f 3',
  'f 6',
  'f -1',
  'f x',
  'f 4x',
  'f +4',
  'f 007',
  'f 4 0',
  'f 0 4',
  'f 4 5',
  'f 4 0 0',
  'f 0 0 4',
  'f 3 4 5',
  'f 5 4 3',
  'f -1 4 -1',
  'f x y 4',
  'f 4294967296',
  'f 99999999999999999999',
  'F 1',
  'unknown 1',
]

export const LIMITS: Theme = {
  subject: 'limits',
  scripts: [
    ...MAXQUEUES.map((words) => ({
      name: `maxqueue ${words}`,
      steps: [
        ['worker', 'packets', ['CAN_DO', 'f'], ['CAN_DO', 'g']],
        ...times(3, ['client', 'SUBMIT_JOB_BG', 'f', '', ''] as const),
        ['worker', 'GRAB_JOB'],
        ['admin', 'text', `maxqueue ${words}\n`],
        ...submitAll(''),
        ['admin', 'text', 'status\nprioritystatus\n'],
        ...submitAll(''),
        ['client', 'SUBMIT_JOB', 'g', '', 'of another function'],
        ['worker', 'WORK_COMPLETE', '$1', ''],
        ...submitAll(''),
        ['admin', 'text', 'maxqueue f\n'],
        ['client', 'SUBMIT_JOB', 'f', '', ''],
        ['admin', 'text', 'status\n'],
      ] as const satisfies readonly Step[],
    })),
    {
      name: 'the last maxqueue counts, for the priority of the newcomer',
      steps: [
        ['worker', 'CAN_DO', 'f'],
        ['admin', 'text', 'maxqueue unknown 1\nmaxqueue f 2\n'],
        ['client', 'SUBMIT_JOB', 'f', 'a', ''],
        ['client', 'SUBMIT_JOB_BG', 'f', 'b', ''],
        ['client', 'SUBMIT_JOB_HIGH', 'f', 'c', ''],
        ['worker', 'GRAB_JOB'],
        ...[
          'f 0 3',
          'f 4 0 4',
          'f',
          'f -1',
          'f 1x',
          'f none',
          'F 1',
          'f 1 2',
          'f 99999999999',
        ].flatMap((words): Step[] => [
          ['admin', 'text', `MAXQUEUE ${words}\n`],
          ['client', 'SUBMIT_JOB', 'f', 'a', ''],
          ...submitAll(words),
        ]),
        ['admin', 'text', 'status\n'],
      ],
    },
    {
      name: 'maxqueue is not asked when a submission joins a job',
      steps: [
        ['client', 'SUBMIT_JOB_BG', 'f', 'u', ''],
        ['admin', 'text', 'MaxQueue f 1\r\n'],
        ['client', 'SUBMIT_JOB_BG', 'f', 'u', ''],
        ['client', 'SUBMIT_JOB', 'f', 'u', ''],
        ['client', 'SUBMIT_JOB', 'f', 'v', ''],
        ['admin', 'text', 'status\n'],
      ],
    },
    {
      name: 'a unique id has up to 63 bytes, 65 are refused',
      steps: [62, 63, 65, 66, 200, 1000].flatMap((bytes): Step[] => [
        ['client', 'SUBMIT_JOB', 'f', 'u'.repeat(bytes), 'x'],
        ['client', 'SUBMIT_JOB_LOW_BG', 'f', 'v'.repeat(bytes), 'x'],
        ['client', 'SUBMIT_JOB_EPOCH', 'f', 'w'.repeat(bytes), '0', 'x'],
        ['client', 'ECHO_REQ', 'still here'],
      ]),
    },
    {
      name: 'names of functions may be long',
      steps: [100, 1000, 8000].flatMap((bytes): Step[] => [
        ['worker', 'CAN_DO', 'n'.repeat(bytes)],
        ['client', 'SUBMIT_JOB', 'n'.repeat(bytes), 'u', 'x'],
        ['worker', 'GRAB_JOB'],
        ['admin', 'text', 'status\nworkers\n'],
      ]),
    },
    {
      name: 'progress is passed on as text, and kept as 32 bits',
      steps: [
        ['client', 'SUBMIT_JOB', 'f', 'u', ''],
        ['worker', 'packets', ['CAN_DO', 'f'], ['GRAB_JOB']],
        ...[
          ['1', '100'],
          ['', ''],
          ['x5', '0.25'],
          ['-1', '+7'],
          ['4294967295', '4294967296'],
          ['2147483648', '2147483647'],
          [' 12', '12 '],
          ['007', '9999999999'],
          ['1e3', '0x10'],
          ['9'.repeat(30), '1'],
          ['-'.repeat(3), '12345678901'],
        ].flatMap(([numerator = '', denominator = '']): Step[] => [
          ['worker', 'WORK_STATUS', '$1', numerator, denominator],
          ['client', 'GET_STATUS', '$1'],
          ['client', 'GET_STATUS_UNIQUE', 'u'],
        ]),
      ],
    },
    {
      name: 'handles that are none',
      steps: [
        ['client', 'SUBMIT_JOB', 'f', 'u', ''],
        ...[
          '$1',
          '$1\0',
          '$1\0junk',
          '',
          'H',
          'H:',
          'H:nowhere:1',
          '$10',
          '$1 ',
          ' $1',
          '1',
          ':1',
          '$1\n',
          'h'.repeat(63),
        ].map((handle): Step => ['client', 'GET_STATUS', handle]),
        ...['u', 'u\0', 'u\0junk', '', 'U', 'x'.repeat(63)].map(
          (unique): Step => ['client', 'GET_STATUS_UNIQUE', unique],
        ),
        ...['H:x:1', 'x', '$1x', '$1.', '00'].map(
          (handle): Step => ['admin', 'text', `cancel job ${handle}\n`],
        ),
        ['client', 'GET_STATUS', '$1'],
      ],
    },
    {
      name: 'times that are none are now',
      steps: [
        ['worker', 'packets', ['CAN_DO', 'f'], ['PRE_SLEEP']],
        ...['0', '', '1', 'abc', '-5', '12abc', ' 7', '+3', '1.5', '0x10'].map(
          (when): Step => ['client', 'SUBMIT_JOB_EPOCH', 'f', '', when, when],
        ),
        ['admin', 'text', 'status\nprioritystatus\nshow jobs\n'],
        ...times(11, ['worker', 'GRAB_JOB'] as const),
      ],
    },
    {
      name: 'timeouts of functions that are none, or far away, do nothing',
      steps: ['0', '', 'x', '-1', '1000000', '99999x', ' 1000000', '2147483647'].flatMap(
        (timeout): Step[] => [
          ['worker', 'CAN_DO_TIMEOUT', 'f', timeout],
          ['client', 'SUBMIT_JOB', 'f', '', timeout],
          ['worker', 'GRAB_JOB'],
          ['admin', 'text', 'status\nworkers\n'],
          ['worker', 'CANT_DO', 'f'],
          ['worker', 'CAN_DO', 'f'],
          ['worker', 'GRAB_JOB'],
          ['worker', 'RESET_ABILITIES'],
        ],
      ),
    },
  ],
}
