import type { PacketName } from '../../../../../src/protocol/packets.ts'
import { type Step, type Theme, times } from '../script.ts'

const LOOK: Step = [
  'admin',
  'text',
  'status\nprioritystatus\nshow jobs\nshow unique jobs\nworkers\n',
]

const SUBMISSIONS: readonly PacketName[] = [
  'SUBMIT_JOB',
  'SUBMIT_JOB_BG',
  'SUBMIT_JOB_HIGH',
  'SUBMIT_JOB_HIGH_BG',
  'SUBMIT_JOB_LOW',
  'SUBMIT_JOB_LOW_BG',
]

const GRABS: readonly PacketName[] = ['GRAB_JOB', 'GRAB_JOB_UNIQ', 'GRAB_JOB_ALL']

/** Every byte that a name may hold. */
const EVERY_BYTE = String.fromCharCode(...Array.from({ length: 255 }, (_, index) => index + 1))

/** All that a worker says of a job, the last word first. */
const LAST_WORDS: readonly (readonly [name: string, step: Step])[] = [
  ['WORK_COMPLETE', ['worker', 'WORK_COMPLETE', '$1', 're\0sult']],
  ['WORK_FAIL', ['worker', 'WORK_FAIL', '$1']],
  ['WORK_EXCEPTION', ['worker', 'WORK_EXCEPTION', '$1', 'bo\0om']],
]

export const JOBS: Theme = {
  subject: 'the life of a job',
  scripts: [
    ...SUBMISSIONS.map((submission) => ({
      name: `${submission} from submit to result`,
      steps: [
        ['client', submission, 'f', 'u', 'da\0ta'],
        LOOK,
        ['client', 'GET_STATUS', '$1'],
        ['client', 'GET_STATUS_UNIQUE', 'u'],
        ['worker', 'CAN_DO', 'f'],
        ['worker', 'GRAB_JOB_UNIQ'],
        LOOK,
        ['client', 'GET_STATUS', '$1'],
        ['client', 'GET_STATUS_UNIQUE', 'u'],
        ['worker', 'WORK_STATUS', '$1', '5', '10'],
        ['worker', 'WORK_DATA', '$1', ''],
        ['worker', 'WORK_DATA', '$1', 'da\0ta'],
        ['worker', 'WORK_WARNING', '$1', 'warn\0ing'],
        ['client', 'GET_STATUS', '$1'],
        ['worker', 'WORK_COMPLETE', '$1', 're\0sult'],
        LOOK,
        ['client', 'GET_STATUS', '$1'],
        ['client', 'GET_STATUS_UNIQUE', 'u'],
        ['worker', 'GRAB_JOB'],
      ] as const satisfies readonly Step[],
    })),
    ...LAST_WORDS.map(([word, step]) => ({
      name: `after ${word} nothing more is taken`,
      steps: [
        ['client', 'OPTION_REQ', 'exceptions'],
        ['client', 'SUBMIT_JOB', 'f', 'u', 'x'],
        ['worker', 'CAN_DO', 'f'],
        ['worker', 'GRAB_JOB'],
        step,
        LOOK,
        ['worker', 'WORK_COMPLETE', '$1', 'x'],
        ['worker', 'WORK_FAIL', '$1'],
        ['worker', 'WORK_EXCEPTION', '$1', 'x'],
        ['worker', 'WORK_DATA', '$1', 'x'],
        ['worker', 'WORK_WARNING', '$1', 'x'],
        ['worker', 'WORK_STATUS', '$1', '1', '2'],
        ['worker', 'GRAB_JOB'],
      ] as const satisfies readonly Step[],
    })),
    {
      name: 'each kind of grab shows as much as it asks for',
      steps: GRABS.flatMap((grab): Step[] => [
        ['worker', 'CAN_DO', 'f'],
        ['client', 'SUBMIT_JOB_BG', 'f', 'unique', 'data'],
        ['client', 'SUBMIT_JOB_BG', 'f', '', ''],
        ['client', 'SUBMIT_JOB_BG', 'f', '-', 'data'],
        ['client', 'SUBMIT_JOB_EPOCH', 'f', 'e', '1', 'data'],
        ['client', 'SUBMIT_REDUCE_JOB_BACKGROUND', 'f', 'r', 'reducer', 'other', 'da\0ta'],
        ['client', 'SUBMIT_REDUCE_JOB', 'f', '', '', '', ''],
        ...times(7, ['worker', grab] as const),
        ['worker', 'RESET_ABILITIES'],
        ...times(7, ['worker', grab] as const),
        ['worker', 'CAN_DO', 'f'],
        ...GRABS.flatMap((other): Step[] => times(2, ['worker', other] as const)),
        ...Array.from({ length: 18 }, (_, index): Step => ['worker', 'WORK_FAIL', `$${index + 1}`]),
        ['worker', 'CANT_DO', 'f'],
      ]),
    },
    {
      name: 'a reduce job carries its reducer, and joins by unique id alone',
      steps: [
        ['client', 'SUBMIT_REDUCE_JOB', 'f', 'u', 'reducer', '', 'map'],
        ['client', 'SUBMIT_REDUCE_JOB', 'f', 'u', 'other', '', 'map'],
        ['client', 'SUBMIT_JOB', 'f', 'u', 'plain'],
        ['client', 'SUBMIT_REDUCE_JOB_BACKGROUND', 'f', '-', 'r1', '', 'same'],
        ['client', 'SUBMIT_REDUCE_JOB_BACKGROUND', 'f', '-', 'r2', '', 'same'],
        ['client', 'SUBMIT_REDUCE_JOB', 'f', 'long', 'r'.repeat(63), 'a'.repeat(100), 'x'],
        ['client', 'SUBMIT_REDUCE_JOB', 'f', 'long64', 'r'.repeat(64), '', 'x'],
        ['client', 'SUBMIT_REDUCE_JOB', 'f', 'long65', 'r'.repeat(65), '', 'x'],
        LOOK,
        ['worker', 'CAN_DO', 'f'],
        ...times(6, ['worker', 'GRAB_JOB_ALL'] as const),
      ],
    },
    {
      name: 'only the connection that runs a job may speak of it',
      steps: [
        ['client', 'SUBMIT_JOB', 'f', 'u', 'x'],
        ['worker', 'CAN_DO', 'f'],
        ['other', 'CAN_DO', 'f'],
        ['worker', 'WORK_COMPLETE', '$1', 'not assigned yet'],
        ['worker', 'GRAB_JOB'],
        ['other', 'WORK_DATA', '$1', 'x'],
        ['other', 'WORK_WARNING', '$1', 'x'],
        ['other', 'WORK_STATUS', '$1', '1', '2'],
        ['other', 'WORK_COMPLETE', '$1', 'x'],
        ['other', 'WORK_FAIL', '$1'],
        ['other', 'WORK_EXCEPTION', '$1', 'x'],
        ['client', 'WORK_COMPLETE', '$1', 'x'],
        ['worker', 'WORK_COMPLETE', '', 'x'],
        ['worker', 'WORK_FAIL', ''],
        ['worker', 'WORK_FAIL', 'H:nowhere:1'],
        ['worker', 'WORK_COMPLETE', '$1x', 'x'],
        ['worker', 'WORK_DATA', 'x$1', 'x'],
        ['worker', 'WORK_COMPLETE', '$1', 'x'],
      ],
    },
    {
      name: 'a worker holds many jobs and ends them in any order',
      steps: [
        ...times(2, ['client', 'SUBMIT_JOB', 'f', '', 'x'] as const),
        ...times(2, ['client', 'SUBMIT_JOB', 'g', '', 'y'] as const),
        ['worker', 'packets', ['CAN_DO', 'f'], ['CAN_DO', 'g']],
        ...times(5, ['worker', 'GRAB_JOB'] as const),
        LOOK,
        ['worker', 'WORK_COMPLETE', '$3', '3'],
        ['worker', 'WORK_FAIL', '$1'],
        LOOK,
        ['worker', 'WORK_DATA', '$4', '4'],
        ['worker', 'WORK_COMPLETE', '$2', '2'],
        ['worker', 'WORK_COMPLETE', '$4', '4'],
        LOOK,
      ],
    },
    {
      name: 'handles count up over functions and connections, and joining takes no number',
      steps: [
        ['client', 'SUBMIT_JOB', 'f', 'u', ''],
        ['other', 'SUBMIT_JOB_BG', 'g', 'u', ''],
        ['other', 'SUBMIT_JOB_BG', 'g', 'u', ''],
        ['client', 'SUBMIT_JOB_BG', 'f', '', ''],
        ['client', 'SUBMIT_JOB_BG', 'f', 'x'.repeat(65), ''],
        ['client', 'SUBMIT_JOB_EPOCH', 'f', '', '0', ''],
        ['client', 'SUBMIT_REDUCE_JOB', 'f', '', '', '', ''],
        LOOK,
      ],
    },
    {
      name: 'handles have the prefix that the server is told',
      steps: [
        ['client', 'SUBMIT_JOB', 'f', 'u', ''],
        ['client', 'SUBMIT_JOB_BG', 'f', 'v', ''],
        ['client', 'GET_STATUS', '$1'],
        ['client', 'GET_STATUS', 'site-A/b:01'],
        ['worker', 'CAN_DO', 'f'],
        ['worker', 'GRAB_JOB_UNIQ'],
        ['worker', 'WORK_COMPLETE', '$1', 'x'],
        ['admin', 'text', 'show jobs\ncancel job $2\n'],
      ],
      settings: {
        options: { jobHandlePrefix: 'site-A/b' },
        args: ['--job-handle-prefix=site-A/b'],
      },
    },
    {
      name: 'names and ids are bytes',
      steps: [
        ['worker', 'CAN_DO', '\x01\t\n\r \x7f\x80\xff'],
        ['client', 'SUBMIT_JOB', '\x01\t\n\r \x7f\x80\xff', '\xff\n\xfe', '\xff\0\xff'],
        ['worker', 'GRAB_JOB_UNIQ'],
        ['client', 'GET_STATUS_UNIQUE', '\xff\n\xfe'],
        ['worker', 'CAN_DO', EVERY_BYTE],
        ['client', 'SUBMIT_JOB_BG', EVERY_BYTE, '', EVERY_BYTE],
        ['worker', 'GRAB_JOB'],
        ['worker', 'CAN_DO', 'Case'],
        ['client', 'SUBMIT_JOB_BG', 'case', '', 'x'],
        ['client', 'SUBMIT_JOB_BG', 'Case', '', 'y'],
        ['worker', 'GRAB_JOB'],
        ['worker', 'GRAB_JOB'],
        ['worker', 'CAN_DO', ''],
        ['client', 'SUBMIT_JOB_BG', '', 'u', 'of the function without a name'],
        ['worker', 'GRAB_JOB_UNIQ'],
      ],
    },
  ],
}
