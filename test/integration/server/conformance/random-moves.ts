import fc from 'fast-check'
import type { PacketName } from '../../../../src/protocol/packets.ts'
import type { Settings } from '../parity-script.ts'

/** What one of the connections does, before it is known which jobs there are. */
export type Move =
  | {
      readonly kind: 'submit'
      readonly packet: PacketName
      readonly functionName: string
      readonly unique: string
      readonly data: string
    }
  | WorkerMove
  | { readonly kind: 'grab'; readonly packet: PacketName }
  /** About one of its running jobs, counted from the oldest; with none left, about any job, or none. */
  | { readonly kind: 'report'; readonly packet: PacketName; readonly index: number }
  | { readonly kind: 'ask'; readonly index: number }
  | { readonly kind: 'askUnique'; readonly unique: string }
  | { readonly kind: 'text'; readonly line: string }
  | { readonly kind: 'drop'; readonly functionName: string }

/** What a worker says of itself. */
export type WorkerMove =
  | { readonly kind: 'register' | 'unregister'; readonly functionName: string }
  | { readonly kind: 'reset' | 'sleep' | 'leave' }

/** Who does what. */
export interface Turn {
  readonly who: string
  readonly move: Move
}

/** A random play: how the servers are started, and the turns. */
export interface RandomPlay {
  readonly settings: Settings
  readonly turns: readonly Turn[]
}

const functionName = fc.constantFrom('f', 'f', 'g', 'g', 'h')
const unique = fc.constantFrom('', '', '-', 'u', 'v')
const data = fc.constantFrom('', 'a', 'b\0c')

const submission = fc.constantFrom<PacketName>(
  'SUBMIT_JOB',
  'SUBMIT_JOB_BG',
  'SUBMIT_JOB_HIGH',
  'SUBMIT_JOB_HIGH_BG',
  'SUBMIT_JOB_LOW',
  'SUBMIT_JOB_LOW_BG',
  'SUBMIT_JOB_EPOCH',
  'SUBMIT_REDUCE_JOB',
  'SUBMIT_REDUCE_JOB_BACKGROUND',
)
const grab = fc.constantFrom<PacketName>('GRAB_JOB', 'GRAB_JOB_UNIQ', 'GRAB_JOB_ALL')
const report = fc.constantFrom<PacketName>(
  'WORK_COMPLETE',
  'WORK_COMPLETE',
  'WORK_FAIL',
  'WORK_EXCEPTION',
  'WORK_DATA',
  'WORK_WARNING',
  'WORK_STATUS',
)
const line = fc.oneof(
  fc.constantFrom('status', 'prioritystatus', 'show jobs', 'show unique jobs', 'workers'),
  fc
    .tuple(functionName, fc.array(fc.constantFrom('0', '1', '2', '3', '5'), { maxLength: 3 }))
    .map(([name, sizes]) => ['maxqueue', name, ...sizes].join(' ')),
)

const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('submit' as const),
      packet: submission,
      functionName,
      unique,
      data,
    }),
  },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('grab' as const), packet: grab }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('report' as const),
      packet: report,
      index: fc.nat({ max: 3 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('register' as const), functionName }) },
  { weight: 4, arbitrary: fc.constant({ kind: 'sleep' as const }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('text' as const), line }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('unregister' as const), functionName }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'reset' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'leave' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('ask' as const), index: fc.nat({ max: 9 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('askUnique' as const), unique }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drop' as const), functionName }) },
)

/** Without `--worker-wakeup`: which worker is woken is each server's own. */
const settings = fc.constantFrom<Settings>(
  {},
  { options: { roundRobin: true }, args: ['--round-robin'] },
  { options: { jobRetries: 1 }, args: ['--job-retries=1'] },
  { options: { jobRetries: 2 }, args: ['--job-retries=2'] },
  {
    options: { jobRetries: 3, roundRobin: true, exceptions: true },
    args: ['-j', '3', '-R', '--exceptions'],
  },
)

/** Two clients and two workers, each of whom may do anything. */
const who = fc.constantFrom('client 1', 'client 2', 'worker 1', 'worker 2')

/** Random plays. */
export const randomPlay: fc.Arbitrary<RandomPlay> = fc.record({
  settings,
  turns: fc.array(fc.record({ who, move }), { minLength: 10, maxLength: 60, size: 'max' }),
})
