import { rawPacket } from '../../../../helpers/raw-peer.ts'
import type { ConformanceScript, Step, Theme } from '../script.ts'

/** Packets and text commands, as one stream of bytes. */
const MIXED = [
  rawPacket('CAN_DO', ['f']).toString('latin1'),
  'status\n',
  rawPacket('SUBMIT_JOB_BG', ['f', 'u', 'a\0b']).toString('latin1'),
  'show unique jobs\r\n',
  rawPacket('GRAB_JOB_UNIQ').toString('latin1'),
  'nonsense\n',
  rawPacket('ECHO_REQ', ['\n\0\n']).toString('latin1'),
].join('')

/** Cut in two at every byte: a connection for each place, and several places in a script. */
function cutEverywhere(): ConformanceScript[] {
  const scripts: ConformanceScript[] = []
  const perScript = 24
  for (let start = 1; start < MIXED.length; start += perScript) {
    const end = Math.min(start + perScript, MIXED.length)
    const steps: Step[] = []
    for (let at = start; at < end; at += 1) {
      steps.push([`peer ${at}`, 'pieces', MIXED.slice(0, at), MIXED.slice(at)])
      steps.push([
        `peer ${at}`,
        'packets',
        ['WORK_FAIL', `$${at - start + 1}`],
        ['RESET_ABILITIES'],
      ])
      steps.push([`peer ${at}`, 'leave'])
    }
    scripts.push({ name: `a stream is cut in two at byte ${start} to ${end - 1}`, steps })
  }
  return scripts
}

export const STREAM: Theme = {
  subject: 'packets and text as a stream of bytes',
  scripts: [
    { name: 'text and packets are mixed in one write', steps: [['peer', 'pieces', MIXED]] },
    { name: 'every byte is a write', steps: [['peer', 'pieces', ...MIXED]] },
    ...cutEverywhere(),
    {
      name: 'requests of one write are answered in their order',
      steps: [
        [
          'peer',
          'packets',
          ['SUBMIT_JOB_BG', 'f', '', '1'],
          ['SUBMIT_JOB', 'f', '', '2'],
          ['GET_STATUS', 'H:nowhere:1'],
          ['ECHO_REQ', 'x'],
          ['SUBMIT_JOB_HIGH_BG', 'g', 'u', '3'],
          ['OPTION_REQ', 'nothing'],
          ['SUBMIT_JOB_LOW', 'g', 'u', '4'],
          ['GET_STATUS_UNIQUE', 'u'],
          ['GRAB_JOB'],
          ['PRE_SLEEP'],
        ],
        [
          'worker',
          'packets',
          ['CAN_DO', 'f'],
          ['CAN_DO', 'g'],
          ['GRAB_JOB'],
          ['GRAB_JOB_UNIQ'],
          ['GRAB_JOB_ALL'],
          ['GRAB_JOB'],
        ],
        [
          'worker',
          'packets',
          ['WORK_STATUS', '$2', '1', '2'],
          ['WORK_DATA', '$2', 'd'],
          ['WORK_COMPLETE', '$2', 'r'],
          ['WORK_COMPLETE', '$2', 'again'],
          ['WORK_COMPLETE', '$3', 'r'],
          ['WORK_FAIL', '$1'],
          ['GRAB_JOB'],
        ],
      ],
    },
    {
      name: 'five hundred packets come in one write',
      steps: [
        [
          'peer',
          'packets',
          ...Array.from(
            { length: 500 },
            (_, index) => ['SUBMIT_JOB_BG', `f${index % 7}`, '', String(index)] as const,
          ),
        ],
        ['peer', 'text', 'status\nprioritystatus\n'],
        [
          'worker',
          'packets',
          ...Array.from({ length: 7 }, (_, index) => ['CAN_DO', `f${index}`] as const),
        ],
        ['worker', 'packets', ...Array.from({ length: 501 }, () => ['GRAB_JOB'] as const)],
      ],
    },
    {
      name: 'one connection is client, worker and admin',
      steps: [
        ['peer', 'packets', ['CAN_DO', 'f'], ['PRE_SLEEP']],
        ['peer', 'SUBMIT_JOB', 'f', 'u', 'x'],
        ['peer', 'text', 'status\n'],
        ['peer', 'GRAB_JOB_UNIQ'],
        ['peer', 'text', 'workers\nshow jobs\n'],
        ['peer', 'WORK_DATA', '$1', 'd'],
        ['peer', 'WORK_STATUS', '$1', '1', '2'],
        ['peer', 'WORK_COMPLETE', '$1', 'r'],
        ['peer', 'text', 'status\n'],
      ],
    },
    {
      name: 'large data go through, both ways',
      steps: [
        ['client', 'SUBMIT_JOB', 'f', 'u', 'x'.repeat(1_000_000)],
        ['worker', 'CAN_DO', 'f'],
        ['worker', 'GRAB_JOB'],
        ['worker', 'WORK_DATA', '$1', 'y'.repeat(500_000)],
        ['worker', 'WORK_COMPLETE', '$1', 'z'.repeat(1_000_000)],
      ],
    },
  ],
}
