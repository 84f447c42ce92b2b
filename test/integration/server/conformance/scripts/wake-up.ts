import type { Settings } from '../../parity-script.ts'
import { type ConformanceScript, type Step, type Theme, times } from '../script.ts'

const SUBMIT: Step = ['client', 'SUBMIT_JOB_BG', 'f', '', '']

/** Four workers sleep; so many jobs come, one after the other. */
function sleepers(wakeup: number): ConformanceScript {
  const settings: Settings = {
    options: { workerWakeup: wakeup },
    args: [`--worker-wakeup=${wakeup}`],
  }
  const workers = ['worker 1', 'worker 2', 'worker 3', 'worker 4']
  return {
    name: `--worker-wakeup=${wakeup} wakes so many for each job, in turns`,
    steps: [
      ...workers.flatMap((name): Step[] => [[name, 'packets', ['CAN_DO', 'f'], ['PRE_SLEEP']]]),
      ...times(6, SUBMIT),
      ...workers.map((name): Step => [name, 'GRAB_JOB']),
      ...times(2, SUBMIT),
    ],
    settings,
  }
}

export const WAKE_UP: Theme = {
  subject: 'waking workers',
  scripts: [
    ...[0, 1, 2, 3, 4, 9].map(sleepers),
    {
      name: 'one NOOP, and none more until the worker grabs',
      steps: [
        ['worker', 'CAN_DO', 'f'],
        ['worker', 'PRE_SLEEP'],
        ...times(3, SUBMIT),
        ['worker', 'GRAB_JOB'],
        SUBMIT,
        ...times(4, ['worker', 'GRAB_JOB_UNIQ'] as const),
        ['worker', 'PRE_SLEEP'],
        SUBMIT,
        ['worker', 'GRAB_JOB_ALL'],
        SUBMIT,
        ['worker', 'PRE_SLEEP'],
      ],
    },
    {
      name: 'a worker that never slept is not woken',
      steps: [['worker', 'CAN_DO', 'f'], SUBMIT, ['worker', 'GRAB_JOB'], SUBMIT],
    },
    {
      name: 'a worker that grabbed nothing is awake',
      steps: [
        ['worker', 'CAN_DO', 'f'],
        ['worker', 'PRE_SLEEP'],
        ['worker', 'GRAB_JOB'],
        SUBMIT,
        ['worker', 'PRE_SLEEP'],
      ],
    },
    {
      name: 'PRE_SLEEP with work for any function is a NOOP at once, each time',
      steps: [
        ['client', 'SUBMIT_JOB_LOW_BG', 'g', '', ''],
        ['worker', 'packets', ['CAN_DO', 'f'], ['CAN_DO', 'g'], ['CAN_DO', 'h']],
        ...times(3, ['worker', 'PRE_SLEEP'] as const),
        ['worker', 'GRAB_JOB'],
        ['worker', 'PRE_SLEEP'],
      ],
    },
    {
      name: 'only workers of the function are woken',
      steps: [
        ['worker f', 'packets', ['CAN_DO', 'f'], ['PRE_SLEEP']],
        ['worker g', 'packets', ['CAN_DO', 'g'], ['PRE_SLEEP']],
        ['worker both', 'packets', ['CAN_DO', 'f'], ['CAN_DO', 'g'], ['PRE_SLEEP']],
        ['worker none', 'PRE_SLEEP'],
        ['client', 'SUBMIT_JOB', 'g', '', ''],
        ['client', 'SUBMIT_JOB', 'f', '', ''],
        ['worker both', 'GRAB_JOB'],
        ['worker both', 'PRE_SLEEP'],
      ],
    },
    {
      name: 'what is registered in sleep counts for what comes later',
      steps: [
        ['client', 'SUBMIT_JOB_BG', 'f', '', 'queued before'],
        ['worker', 'packets', ['CAN_DO', 'g'], ['PRE_SLEEP']],
        ['worker', 'CAN_DO', 'f'],
        SUBMIT,
        ['worker', 'GRAB_JOB'],
      ],
    },
    {
      name: 'what is given up in sleep counts no more',
      steps: [
        ['worker', 'packets', ['CAN_DO', 'f'], ['CAN_DO', 'g'], ['PRE_SLEEP']],
        ['worker', 'CANT_DO', 'f'],
        SUBMIT,
        ['client', 'SUBMIT_JOB_BG', 'g', '', ''],
        ['worker', 'GRAB_JOB'],
        ['worker', 'WORK_COMPLETE', '$2', ''],
        ['worker', 'PRE_SLEEP'],
        ['worker', 'RESET_ABILITIES'],
        ['client', 'SUBMIT_JOB_BG', 'g', '', ''],
      ],
    },
    {
      name: 'joining a job wakes nobody',
      steps: [
        ['client', 'SUBMIT_JOB_BG', 'f', 'u', ''],
        ['worker', 'packets', ['CAN_DO', 'g'], ['PRE_SLEEP'], ['CAN_DO', 'f']],
        ['client', 'SUBMIT_JOB_BG', 'f', 'u', ''],
        ['client', 'SUBMIT_JOB', 'f', 'u', ''],
      ],
    },
    {
      name: 'a job that is refused wakes nobody',
      steps: [
        ['admin', 'text', 'create function f\r\nmaxqueue f 1\n'],
        SUBMIT,
        ['worker', 'packets', ['CAN_DO', 'g'], ['PRE_SLEEP'], ['CAN_DO', 'f']],
        SUBMIT,
      ],
    },
    {
      name: 'jobs of a lost worker wake the others',
      steps: [
        SUBMIT,
        SUBMIT,
        ['worker 1', 'CAN_DO', 'f'],
        ...times(2, ['worker 1', 'GRAB_JOB'] as const),
        ['worker 2', 'packets', ['CAN_DO', 'f'], ['PRE_SLEEP']],
        ['worker 3', 'packets', ['CAN_DO', 'f'], ['PRE_SLEEP']],
        ['worker 1', 'leave'],
        ['worker 2', 'GRAB_JOB'],
        ['worker 3', 'GRAB_JOB'],
      ],
    },
    {
      name: 'jobs given up by CANT_DO and RESET_ABILITIES wake the others',
      steps: [
        SUBMIT,
        ['worker 1', 'CAN_DO', 'f'],
        ['worker 1', 'GRAB_JOB'],
        ['worker 2', 'packets', ['CAN_DO', 'f'], ['PRE_SLEEP']],
        ['worker 1', 'CANT_DO', 'f'],
        ['worker 2', 'GRAB_JOB'],
        ['worker 1', 'CAN_DO', 'f'],
        ['worker 1', 'PRE_SLEEP'],
        ['worker 2', 'RESET_ABILITIES'],
        ['worker 1', 'GRAB_JOB'],
      ],
    },
    {
      name: 'a worker may submit what wakes itself',
      steps: [
        ['worker', 'packets', ['CAN_DO', 'f'], ['PRE_SLEEP']],
        ['worker', 'SUBMIT_JOB', 'f', '', 'x'],
        ['worker', 'GRAB_JOB'],
        ['worker', 'WORK_COMPLETE', '$1', 'y'],
      ],
    },
  ],
}
