import type { Settings } from '../../parity-script.ts'
import { type ConformanceScript, type Step, type Theme, times } from '../script.ts'

const LOOK: Step = ['admin', 'text', 'status\nprioritystatus\nshow jobs\nworkers\n']

const LATER = String(Math.floor(Date.now() / 1000) + 3600)

/** Ways to let a worker lose its jobs. */
const LOSSES: readonly (readonly [name: string, step: Step])[] = [
  ['leaves', ['worker', 'leave']],
  ['sends CANT_DO', ['worker', 'CANT_DO', 'f']],
  ['sends RESET_ABILITIES', ['worker', 'RESET_ABILITIES']],
]

function retries(limit: number): ConformanceScript {
  const settings: Settings = { options: { jobRetries: limit }, args: [`--job-retries=${limit}`] }
  return {
    name: `--job-retries=${limit}: a job fails when so many attempts are lost`,
    steps: [
      ['client', 'SUBMIT_JOB', 'f', 'u', 'x'],
      ['client 2', 'SUBMIT_JOB', 'f', 'u', 'x'],
      ['client', 'SUBMIT_JOB_BG', 'f', 'v', 'y'],
      ...times(
        4,
        ['worker', 'packets', ['CAN_DO', 'f'], ['GRAB_JOB'], ['GRAB_JOB']],
        LOOK,
        ['worker', 'leave'],
        LOOK,
        ['client', 'GET_STATUS_UNIQUE', 'u'],
        ['worker', 'packets', ['CAN_DO', 'f'], ['GRAB_JOB']],
        ['worker', 'RESET_ABILITIES'],
        LOOK,
        ['worker', 'packets', ['CAN_DO', 'f'], ['GRAB_JOB']],
        ['worker', 'CANT_DO', 'f'],
        LOOK,
      ),
    ],
    settings,
  }
}

export const LOSS: Theme = {
  subject: 'workers and clients that go away',
  scripts: [
    ...LOSSES.map(([name, loss]) => ({
      name: `a worker ${name}: its jobs go to the end of the queue, and start again`,
      steps: [
        ['worker', 'CAN_DO', 'f'],
        ...times(4, ['client', 'SUBMIT_JOB', 'f', '', ''] as const),
        ['client', 'SUBMIT_JOB_HIGH_BG', 'f', '', 'high'],
        ['client', 'SUBMIT_JOB_LOW', 'f', '', 'low'],
        ...times(3, ['worker', 'GRAB_JOB_UNIQ'] as const),
        ['worker', 'WORK_STATUS', '$1', '1', '2'],
        ['client', 'GET_STATUS', '$1'],
        loss,
        LOOK,
        ['client', 'GET_STATUS', '$1'],
        ['worker', 'WORK_COMPLETE', '$1', 'too late'],
        ['worker 2', 'CAN_DO', 'f'],
        ...times(7, ['worker 2', 'GRAB_JOB_UNIQ'] as const),
        LOOK,
        ['worker 2', 'WORK_COMPLETE', '$1', 'done'],
      ] as const satisfies readonly Step[],
    })),
    ...[1, 2, 3].map(retries),
    {
      name: 'a job that takes longer than CAN_DO_TIMEOUT allows goes to another worker',
      steps: [
        ['worker', 'CAN_DO_TIMEOUT', 'f', '1'],
        ['client', 'SUBMIT_JOB', 'f', 'u', 'x'],
        // In one write, and the sleep with the waking: the second of the limit may pass anywhere in between.
        ['worker', 'packets', ['GRAB_JOB'], ['WORK_STATUS', '$1', '1', '2']],
        ['worker 2', 'wait asleep', ['CAN_DO', 'f'], ['PRE_SLEEP']],
        ['client', 'GET_STATUS', '$1'],
        LOOK,
        ['worker', 'WORK_COMPLETE', '$1', 'too late'],
        ['worker 2', 'GRAB_JOB_UNIQ'],
        ['worker 2', 'WORK_COMPLETE', '$1', 'in time'],
        ['worker', 'GRAB_JOB'],
        LOOK,
      ],
    },
    {
      name: 'a job that took too long for the last attempt fails',
      steps: [
        ['worker', 'CAN_DO_TIMEOUT', 'f', '300'],
        ['client', 'SUBMIT_JOB', 'f', 'u', 'x'],
        ['client 2', 'SUBMIT_JOB', 'f', 'u', 'x'],
        ['worker', 'alone', ['GRAB_JOB']],
        ['client', 'wait'],
        LOOK,
        ['worker', 'WORK_COMPLETE', '$1', 'too late'],
        ['worker', 'GRAB_JOB'],
      ],
      settings: { options: { jobRetries: 1 }, args: ['-j', '1'] },
    },
    {
      name: 'CANT_DO gives back the jobs of that function only',
      steps: [
        ['worker', 'packets', ['CAN_DO', 'f'], ['CAN_DO', 'g']],
        ['client', 'SUBMIT_JOB', 'f', '', ''],
        ['client', 'SUBMIT_JOB', 'g', '', ''],
        ['client', 'SUBMIT_JOB', 'f', '', ''],
        ...times(3, ['worker', 'GRAB_JOB'] as const),
        ['worker', 'CANT_DO', 'f'],
        LOOK,
        ['worker', 'CANT_DO', 'f'],
        ['worker', 'CANT_DO', 'unknown'],
        ['worker', 'CANT_DO', ''],
        ['worker', 'GRAB_JOB'],
        ['worker', 'WORK_COMPLETE', '$2', 'g'],
        ['worker', 'WORK_COMPLETE', '$1', 'f'],
        LOOK,
      ],
    },
    {
      name: 'a function is registered twice, and given up at once',
      steps: [
        [
          'worker',
          'packets',
          ['CAN_DO', 'f'],
          ['CAN_DO', 'g'],
          ['CAN_DO', 'f'],
          ['CAN_DO_TIMEOUT', 'f', '0'],
        ],
        LOOK,
        ['client', 'SUBMIT_JOB', 'f', '', ''],
        ['worker', 'GRAB_JOB'],
        ['worker', 'CANT_DO', 'f'],
        LOOK,
        ['worker', 'GRAB_JOB'],
      ],
    },
    {
      name: 'a function with a NUL behind its name is another one',
      steps: [
        ['worker', 'CAN_DO', 'f\0'],
        ['client', 'SUBMIT_JOB_BG', 'f', '', 'x'],
        ['worker', 'GRAB_JOB'],
        ['worker', 'PRE_SLEEP'],
        ['worker', 'CANT_DO', 'f'],
        ['worker', 'RESET_ABILITIES'],
      ],
    },
    {
      name: 'background jobs stay when their client leaves',
      steps: [
        ['client', 'SUBMIT_JOB_BG', 'f', 'u', 'x'],
        ['client', 'SUBMIT_JOB_HIGH_BG', 'f', '', 'y'],
        ['client', 'leave'],
        LOOK,
        ['worker', 'CAN_DO', 'f'],
        ...times(3, ['worker', 'GRAB_JOB'] as const),
        ['worker', 'WORK_COMPLETE', '$1', ''],
        ['worker', 'WORK_FAIL', '$2'],
        LOOK,
      ],
    },
    {
      name: 'a queued job whose client left is given to nobody',
      steps: [
        ['client', 'SUBMIT_JOB', 'f', 'u', 'x'],
        ['client', 'leave'],
        ['worker', 'packets', ['CAN_DO', 'f'], ['GRAB_JOB']],
        ['worker', 'PRE_SLEEP'],
        LOOK,
      ],
    },
    {
      name: 'the result of a running job whose client left is taken, and goes nowhere',
      steps: [
        ['client', 'SUBMIT_JOB', 'f', '', 'x'],
        ['worker', 'packets', ['CAN_DO', 'f'], ['GRAB_JOB']],
        ['client', 'leave'],
        ['worker', 'WORK_DATA', '$1', 'd'],
        ['worker', 'WORK_STATUS', '$1', '1', '2'],
        ['admin', 'GET_STATUS', '$1'],
        ['worker', 'WORK_COMPLETE', '$1', 'r'],
        ['worker', 'WORK_COMPLETE', '$1', 'again'],
        LOOK,
      ],
    },
    {
      name: 'a running job whose client left ends with its worker',
      steps: [
        ['client', 'SUBMIT_JOB', 'f', '', 'x'],
        ['worker', 'packets', ['CAN_DO', 'f'], ['GRAB_JOB']],
        ['client', 'leave'],
        ['worker', 'leave'],
        ['worker 2', 'packets', ['CAN_DO', 'f'], ['GRAB_JOB']],
        LOOK,
      ],
    },
    {
      name: 'one of two clients leaves, the other gets the result',
      steps: [
        ['client', 'SUBMIT_JOB', 'f', 'u', 'x'],
        ['client 2', 'SUBMIT_JOB', 'f', 'u', 'x'],
        ['client', 'leave'],
        ['client 2', 'GET_STATUS_UNIQUE', 'u'],
        ['worker', 'packets', ['CAN_DO', 'f'], ['GRAB_JOB']],
        ['worker', 'WORK_COMPLETE', '$1', 'r'],
      ],
    },
    {
      name: 'a connection that is client and worker takes both with it',
      steps: [
        ['peer', 'packets', ['CAN_DO', 'f'], ['SUBMIT_JOB_BG', 'f', 'b', 'b']],
        ['client', 'SUBMIT_JOB', 'f', 'c', 'c'],
        ['peer', 'GRAB_JOB'],
        ['peer', 'GRAB_JOB'],
        ['peer', 'leave'],
        LOOK,
        ['worker', 'packets', ['CAN_DO', 'f'], ['GRAB_JOB_UNIQ'], ['GRAB_JOB_UNIQ']],
      ],
    },
    {
      name: 'a job for later is known, counted, joined, and given to nobody',
      steps: [
        ['client', 'SUBMIT_JOB_EPOCH', 'f', 'u', LATER, 'x'],
        ['client', 'GET_STATUS', '$1'],
        ['client', 'GET_STATUS_UNIQUE', 'u'],
        ['client', 'SUBMIT_JOB_EPOCH', 'f', 'u', '0', 'joins'],
        ['client', 'SUBMIT_JOB_BG', 'f', 'u', 'joins'],
        LOOK,
        ['worker', 'packets', ['CAN_DO', 'f'], ['GRAB_JOB'], ['PRE_SLEEP']],
        ['client', 'SUBMIT_JOB_HIGH_BG', 'f', '', 'now'],
        ['worker', 'GRAB_JOB'],
        ['worker', 'GRAB_JOB'],
        ['worker', 'PRE_SLEEP'],
        ['admin', 'text', 'cancel job $1\n'],
      ],
    },
  ],
}
