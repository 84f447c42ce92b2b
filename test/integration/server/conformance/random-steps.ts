import fc from 'fast-check'
import type { PacketName } from '../../../../src/protocol/packets.ts'
import type { PacketStep, Step } from './script.ts'

/** Commands that both servers know, and what is like them. */
const COMMANDS = [
  'status',
  'prioritystatus',
  'workers',
  'version',
  'verbose',
  'maxqueue',
  'drop',
  'cancel',
  'show',
  'x',
  '',
] as const
/** Not among them: what gearmand does not know, and a sixth word, which closes its connections. */
const WORDS = [
  'function',
  'job',
  'jobs',
  'unique',
  'f',
  'G',
  '0',
  '2',
  '-1',
  '1x',
  'H:x:1',
  '$1',
  '',
]

const word = fc.constantFrom(...WORDS).chain((text) => fc.constantFrom(text, text.toUpperCase()))
const line = fc
  .record({
    command: fc
      .constantFrom(...COMMANDS)
      .chain((text) => fc.constantFrom(text, text.toUpperCase())),
    words: fc.array(word, { maxLength: 3 }),
    space: fc.constantFrom(' ', '  ', '    '),
    end: fc.constantFrom('\n', '\r\n', ' \n', '\r\r\n'),
  })
  .map(({ command, words, space, end }) => [command, ...words].join(space) + end)

/** Random text commands of one connection, among functions and jobs of another. */
export const randomLines: fc.Arbitrary<Step[]> = fc
  .array(line, { minLength: 5, maxLength: 40 })
  .map((lines) => [
    ['worker', 'packets', ['CAN_DO', 'f'], ['CAN_DO', 'X']],
    ['client', 'SUBMIT_JOB_BG', 'f', 'u', ''],
    ['client', 'SUBMIT_JOB_BG', 'f', '', ''],
    ['worker', 'GRAB_JOB'],
    ...lines.filter(isSafeLine).map((text): Step => ['admin', 'text', text]),
  ])

/** gearmand keeps a cancelled job in its tables until a worker passes by. */
function isSafeLine(text: string): boolean {
  return !/^cancel +job +\$/i.test(text)
}

const functionName = fc.constantFrom('f', 'g', '', 'F', '\xff', 'n'.repeat(300))
const unique = fc.constantFrom('', '-', 'u', 'v', '\xfe', 'x'.repeat(63), 'x'.repeat(65))
/** Of these gearmand checks no length where it should. */
const shortUnique = unique.filter((text) => text.length < 64)
const data = fc.constantFrom('', 'x', '\0', 'a\0b\0', '\0REQ', '\n', 'x'.repeat(10_000))
const handle = fc.constantFrom('$1', '$2', '$3', '$1x', '', 'H:x:1', 'h'.repeat(63))
const count = fc.constantFrom('0', '1', '', '-1', 'x', '4294967296', '1234567890', '0x1f')
const when = fc.constantFrom('0', '', '1', 'abc', '-7', '12x', ' 3')

function packet(name: PacketName, ...args: fc.Arbitrary<string>[]): fc.Arbitrary<PacketStep> {
  return fc.tuple(...args).map((values) => [name, ...values])
}

/** Every type that a peer may send, with arguments of the right number. */
const packets: fc.Arbitrary<PacketStep> = fc.oneof(
  packet('CAN_DO', functionName),
  packet('CAN_DO', functionName),
  packet('CAN_DO_TIMEOUT', functionName, fc.constantFrom('0', '', 'x', '-5')),
  packet('CANT_DO', functionName),
  packet('RESET_ABILITIES'),
  packet('GRAB_JOB'),
  packet('GRAB_JOB_UNIQ'),
  packet('GRAB_JOB_ALL'),
  packet('SUBMIT_JOB', functionName, unique, data),
  packet('SUBMIT_JOB_HIGH', functionName, unique, data),
  packet('SUBMIT_JOB_LOW', functionName, unique, data),
  packet('SUBMIT_JOB_BG', functionName, unique, data),
  packet('SUBMIT_JOB_HIGH_BG', functionName, unique, data),
  packet('SUBMIT_JOB_LOW_BG', functionName, unique, data),
  packet('SUBMIT_JOB_EPOCH', functionName, unique, when, data),
  packet('SUBMIT_REDUCE_JOB', functionName, shortUnique, unique, functionName, data),
  packet('SUBMIT_REDUCE_JOB_BACKGROUND', functionName, shortUnique, unique, unique, data),
  packet('GET_STATUS', handle),
  packet('GET_STATUS_UNIQUE', shortUnique),
  packet('WORK_DATA', handle, data),
  packet('WORK_WARNING', handle, data),
  packet('WORK_STATUS', handle, count, count),
  packet('WORK_COMPLETE', handle, data),
  packet('WORK_FAIL', handle),
  packet('WORK_EXCEPTION', handle, data),
  packet('SET_CLIENT_ID', unique),
  packet('OPTION_REQ', fc.constantFrom('exceptions', 'EXCEPTIONS', 'x', '')),
  packet('ECHO_REQ', data),
  packet('ALL_YOURS'),
  packet('JOB_CREATED', handle),
  packet('NOOP'),
)

/** Random packets of two connections that are clients and workers at once. */
export const randomPackets: fc.Arbitrary<Step[]> = fc
  .array(fc.tuple(fc.constantFrom('peer 1', 'peer 2'), packets), {
    minLength: 10,
    maxLength: 60,
    size: 'max',
  })
  .map((turns) => [
    ['peer 1', 'packets', ['OPTION_REQ', 'exceptions'], ['CAN_DO', 'f']],
    ['peer 2', 'packets', ['OPTION_REQ', 'exceptions'], ['CAN_DO', 'g']],
    ...turns.map(([who, turn]): Step => [who, ...turn]),
    ['admin', 'text', 'status\nprioritystatus\nworkers\nshow unique jobs\n'],
  ])
