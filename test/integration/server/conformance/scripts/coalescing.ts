import type { PacketName } from '../../../../../src/protocol/packets.ts'
import { type ConformanceScript, type Step, type Theme, times } from '../script.ts'

const LOOK: Step = ['admin', 'text', 'status\nprioritystatus\nshow jobs\nshow unique jobs\n']

const FIRST: readonly PacketName[] = ['SUBMIT_JOB', 'SUBMIT_JOB_BG']
const SECOND: readonly PacketName[] = [
  'SUBMIT_JOB',
  'SUBMIT_JOB_BG',
  'SUBMIT_JOB_HIGH',
  'SUBMIT_JOB_LOW_BG',
]

/** What joins what; nobody leaves, since that is where gearmand loses jobs. */
function joins(): ConformanceScript[] {
  const scripts: ConformanceScript[] = []
  for (const first of FIRST) {
    for (const second of SECOND) {
      scripts.push(joining(first, second, 'queued', []))
      scripts.push(joining(first, second, 'running', [['worker', 'GRAB_JOB']]))
    }
  }
  return scripts
}

function joining(
  first: PacketName,
  second: PacketName,
  state: string,
  between: readonly Step[],
): ConformanceScript {
  return {
    name: `${second} joins a ${state} ${first}`,
    steps: [
      ['worker', 'CAN_DO', 'f'],
      ['client', first, 'f', 'u', 'first'],
      ['client', 'SUBMIT_JOB_BG', 'f', 'v', 'other'],
      ...between,
      ['client 2', second, 'f', 'u', 'second'],
      // gearmand does not mark a job that a background submission joined: its row is left out here.
      ['admin', 'text', 'status\nprioritystatus\nshow unique jobs\n'],
      ['client', 'GET_STATUS_UNIQUE', 'u'],
      ...times(2, ['worker', 'GRAB_JOB_UNIQ'] as const),
      ['worker', 'WORK_DATA', '$1', 'd'],
      ['worker', 'WORK_WARNING', '$1', 'w'],
      ['worker', 'WORK_STATUS', '$1', '1', '2'],
      ['client', 'GET_STATUS_UNIQUE', 'u'],
      ['worker', 'WORK_COMPLETE', '$1', 'r'],
      ['client', 'GET_STATUS_UNIQUE', 'u'],
      ['client 2', second, 'f', 'u', 'third'],
      LOOK,
    ],
  }
}

export const COALESCING: Theme = {
  subject: 'submissions that become one job',
  scripts: [
    ...joins(),
    {
      name: 'the key is function and unique id, byte by byte',
      steps: [
        ['client', 'SUBMIT_JOB_BG', 'f', 'u', '1'],
        ['client', 'SUBMIT_JOB_BG', 'f', 'U', '2'],
        ['client', 'SUBMIT_JOB_BG', 'F', 'u', '3'],
        ['client', 'SUBMIT_JOB_BG', 'f', 'u ', '4'],
        ['client', 'SUBMIT_JOB_BG', 'f', 'uu', '5'],
        ['client', 'SUBMIT_JOB_BG', 'fu', '', '6'],
        ['client', 'SUBMIT_JOB_BG', 'f', '\xff', '7'],
        ['client', 'SUBMIT_JOB_BG', 'f', '\xfe', '8'],
        ['client', 'SUBMIT_JOB_BG', 'f', 'x'.repeat(63), '9'],
        ['client', 'SUBMIT_JOB_BG', 'f', 'x'.repeat(62), '10'],
        ['client', 'SUBMIT_JOB_BG', 'f', 'x'.repeat(63), '11'],
        LOOK,
      ],
    },
    {
      name: 'without a unique id nothing joins',
      steps: [
        ...times(3, ['client', 'SUBMIT_JOB_BG', 'f', '', 'same'] as const),
        ...times(3, ['client', 'SUBMIT_JOB', 'f', '', 'same'] as const),
        ['client', 'GET_STATUS_UNIQUE', ''],
        LOOK,
      ],
    },
    {
      name: 'the unique id - stands for the data',
      steps: [
        ...times(2, ['client', 'SUBMIT_JOB_BG', 'f', '-', 'same'] as const),
        ['client', 'SUBMIT_JOB', 'f', '-', 'same'],
        ['client', 'SUBMIT_JOB_BG', 'f', '-', 'Same'],
        ['client', 'SUBMIT_JOB_BG', 'f', '-', 'sam'],
        ['client', 'SUBMIT_JOB_BG', 'g', '-', 'same'],
        ['client', 'SUBMIT_JOB_BG', 'f', '--', 'same'],
        ['client', 'SUBMIT_JOB_BG', 'f', 'same', 'else'],
        ...times(2, ['client', 'SUBMIT_JOB_BG', 'f', '-', ''] as const),
        ...times(2, ['client', 'SUBMIT_JOB_BG', 'f', '-', 'a\0b'] as const),
        ['client', 'SUBMIT_JOB_BG', 'f', '-', 'a\0c'],
        ...times(2, ['client', 'SUBMIT_JOB_BG', 'f', '-', 'x'.repeat(10_000)] as const),
        ['client', 'SUBMIT_JOB_BG', 'f', '-', `${'x'.repeat(9_999)}y`],
        ...times(2, ['client', 'SUBMIT_JOB_EPOCH', 'f', '-', '0', 'epoch'] as const),
        ['client', 'SUBMIT_JOB_BG', 'f', '-', 'epoch'],
        ['client', 'GET_STATUS_UNIQUE', '-'],
        ['client', 'GET_STATUS_UNIQUE', 'same'],
        LOOK,
        ['worker', 'CAN_DO', 'f'],
        ...times(12, ['worker', 'GRAB_JOB_UNIQ'] as const),
        ['client', 'SUBMIT_JOB', 'f', '-', 'same'],
        ['worker', 'WORK_COMPLETE', '$1', 'r'],
        ['client', 'SUBMIT_JOB', 'f', '-', 'same'],
        LOOK,
      ],
    },
    {
      name: 'all who wait get all packets, as often as they submitted',
      steps: [
        ['client', 'SUBMIT_JOB', 'f', 'u', 'x'],
        ['client 2', 'SUBMIT_JOB', 'f', 'u', 'x'],
        ['client', 'SUBMIT_JOB_HIGH', 'f', 'u', 'x'],
        ['client 3', 'SUBMIT_JOB_BG', 'f', 'u', 'x'],
        ['client 3', 'GET_STATUS_UNIQUE', 'u'],
        ['worker', 'CAN_DO', 'f'],
        ['worker', 'GRAB_JOB'],
        ['worker', 'WORK_DATA', '$1', 'd'],
        ['worker', 'WORK_STATUS', '$1', '1', '2'],
        ['client 2', 'leave'],
        ['client 3', 'GET_STATUS_UNIQUE', 'u'],
        ['worker', 'WORK_WARNING', '$1', 'w'],
        ['client 4', 'SUBMIT_JOB', 'f', 'u', 'x'],
        ['client 3', 'GET_STATUS_UNIQUE', 'u'],
        ['worker', 'WORK_FAIL', '$1'],
        ['client 3', 'GET_STATUS_UNIQUE', 'u'],
      ],
    },
    {
      name: 'only those who asked for exceptions get them',
      steps: [
        ['client', 'OPTION_REQ', 'exceptions'],
        ['client', 'SUBMIT_JOB', 'f', 'u', 'x'],
        ['client 2', 'SUBMIT_JOB', 'f', 'u', 'x'],
        ['client 2', 'OPTION_REQ', 'exceptions'],
        ['worker', 'CAN_DO', 'f'],
        ['worker', 'GRAB_JOB'],
        ['worker', 'WORK_EXCEPTION', '$1', 'bo\0om'],
        LOOK,
      ],
    },
    {
      name: 'with --exceptions all get them',
      steps: [
        ['client', 'SUBMIT_JOB', 'f', 'u', 'x'],
        ['client 2', 'SUBMIT_JOB', 'f', 'u', 'x'],
        ['worker', 'CAN_DO', 'f'],
        ['worker', 'GRAB_JOB'],
        ['worker', 'WORK_EXCEPTION', '$1', ''],
        LOOK,
      ],
      settings: { options: { exceptions: true }, args: ['--exceptions'] },
    },
    {
      name: 'one unique id in several functions: the newest is told of, then the one before',
      steps: [
        ['client', 'SUBMIT_JOB_BG', 'a', 'u', ''],
        ...times(2, ['client', 'SUBMIT_JOB', 'b', 'u', ''] as const),
        ['client', 'GET_STATUS_UNIQUE', 'u'],
        ['client', 'SUBMIT_JOB_BG', 'c', 'u', ''],
        ['client', 'GET_STATUS_UNIQUE', 'u'],
        ['worker', 'CAN_DO', 'c'],
        ['worker', 'GRAB_JOB'],
        ['client', 'GET_STATUS_UNIQUE', 'u'],
        ['worker', 'WORK_COMPLETE', '$3', ''],
        ['client', 'GET_STATUS_UNIQUE', 'u'],
        ['worker', 'CAN_DO', 'b'],
        ['worker', 'GRAB_JOB'],
        ['worker', 'WORK_STATUS', '$2', '3', '4'],
        ['client', 'GET_STATUS_UNIQUE', 'u'],
        ['worker', 'WORK_COMPLETE', '$2', ''],
        ['client', 'GET_STATUS_UNIQUE', 'u'],
      ],
    },
  ],
}
