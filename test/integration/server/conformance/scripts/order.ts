import type { PacketName } from '../../../../../src/protocol/packets.ts'
import type { Settings } from '../../parity-script.ts'
import { type ConformanceScript, type Step, type Theme, times } from '../script.ts'

const ROUND_ROBIN: Settings = { options: { roundRobin: true }, args: ['--round-robin'] }

const KINDS: readonly PacketName[] = [
  'SUBMIT_JOB_LOW_BG',
  'SUBMIT_JOB_BG',
  'SUBMIT_JOB_HIGH_BG',
  'SUBMIT_JOB_LOW',
  'SUBMIT_JOB',
  'SUBMIT_JOB_HIGH',
]

const GRAB: Step = ['worker', 'GRAB_JOB']
const SHOW: Step = ['admin', 'text', 'workers\nstatus\nprioritystatus\n']

/** A job of each kind for each of the functions, twice. */
function fill(...functions: string[]): Step[] {
  const steps: Step[] = []
  for (const number of ['1', '2']) {
    for (const kind of KINDS) {
      for (const name of functions)
        steps.push(['client', kind, name, '', `${name} ${kind} ${number}`])
    }
  }
  return steps
}

/** Both with and without `--round-robin`. */
function inBothModes(name: string, steps: readonly Step[]): ConformanceScript[] {
  return [
    { name, steps },
    { name: `${name}, with --round-robin`, steps, settings: ROUND_ROBIN },
  ]
}

export const ORDER: Theme = {
  subject: 'the order of grabs',
  scripts: [
    ...inBothModes('priorities go before age within one function', [
      ...fill('f'),
      SHOW,
      ['worker', 'CAN_DO', 'f'],
      ...times(13, GRAB),
      SHOW,
    ]),
    ...inBothModes('of three functions', [
      ['worker', 'packets', ['CAN_DO', 'a'], ['CAN_DO', 'b'], ['CAN_DO', 'c']],
      ...fill('a', 'b', 'c'),
      SHOW,
      ...times(37, GRAB),
      SHOW,
    ]),
    ...inBothModes('a function that is registered twice', [
      ['worker', 'packets', ['CAN_DO', 'a'], ['CAN_DO', 'b'], ['CAN_DO', 'c'], ['CAN_DO', 'a']],
      ...fill('a', 'b', 'c'),
      SHOW,
      ...times(40, GRAB),
      SHOW,
    ]),
    ...inBothModes('a function that is given up and registered again is the newest', [
      ['worker', 'packets', ['CAN_DO', 'a'], ['CAN_DO', 'b'], ['CAN_DO', 'c']],
      ...fill('a', 'b', 'c'),
      SHOW,
      ...times(5, GRAB),
      ['worker', 'CANT_DO', 'a'],
      SHOW,
      ['worker', 'CAN_DO', 'a'],
      SHOW,
      ...times(20, GRAB),
      ['worker', 'CAN_DO_TIMEOUT', 'b', '0'],
      SHOW,
      ...times(20, GRAB),
    ]),
    ...inBothModes('jobs that come between grabs', [
      ['worker', 'packets', ['CAN_DO', 'a'], ['CAN_DO', 'b'], ['CAN_DO', 'c']],
      ['client', 'SUBMIT_JOB_BG', 'a', '', '1'],
      GRAB,
      SHOW,
      ['client', 'SUBMIT_JOB_BG', 'b', '', '2'],
      ['client', 'SUBMIT_JOB_BG', 'a', '', '3'],
      ['client', 'SUBMIT_JOB_BG', 'b', '', '4'],
      GRAB,
      SHOW,
      ['client', 'SUBMIT_JOB_HIGH_BG', 'b', '', '5'],
      ['client', 'SUBMIT_JOB_LOW_BG', 'c', '', '6'],
      GRAB,
      GRAB,
      ['worker', 'PRE_SLEEP'],
      SHOW,
      GRAB,
      GRAB,
      GRAB,
      SHOW,
      ['worker', 'PRE_SLEEP'],
      ['client', 'SUBMIT_JOB_BG', 'c', '', '7'],
      ['client', 'SUBMIT_JOB_BG', 'a', '', '8'],
      GRAB,
      SHOW,
      GRAB,
      SHOW,
    ]),
    ...inBothModes('two workers with the functions in different orders', [
      ['worker', 'packets', ['CAN_DO', 'a'], ['CAN_DO', 'b']],
      ['worker 2', 'packets', ['CAN_DO', 'b'], ['CAN_DO', 'a']],
      ...fill('a', 'b'),
      ...times(6, GRAB, ['worker 2', 'GRAB_JOB']),
      ['worker 2', 'leave'],
      SHOW,
      ...times(20, GRAB),
    ]),
    ...inBothModes('what was given back comes after its equals', [
      ['worker 2', 'packets', ['CAN_DO', 'a'], ['CAN_DO', 'b']],
      ...fill('a', 'b'),
      ...times(7, ['worker 2', 'GRAB_JOB'] as const),
      ['worker 2', 'leave'],
      ['worker', 'packets', ['CAN_DO', 'b'], ['CAN_DO', 'a']],
      SHOW,
      ...times(25, GRAB),
    ]),
  ],
}
