import { type ConformanceScript, type Step, type Theme, times } from '../script.ts'

/** A few functions, jobs and workers, so that tables have rows. */
const SCENE: readonly Step[] = [
  ['client', 'SUBMIT_JOB', 'f', 'u1', 'x'],
  ['client', 'SUBMIT_JOB_HIGH_BG', 'f', '', 'x'],
  ['client', 'SUBMIT_JOB_LOW', 'g', '-', 'x'],
  ['worker', 'packets', ['SET_CLIENT_ID', 'me'], ['CAN_DO', 'f'], ['CAN_DO', 'h'], ['GRAB_JOB']],
  ['worker', 'WORK_STATUS', '$2', '1', '2'],
]

const TABLES = ['status', 'prioritystatus', 'workers', 'show jobs', 'show unique jobs']
const LINES = ['version', 'getpid', 'verbose']

/** One step for each line: an answer that lacks, or is one too many, is seen at its line. */
function ask(lines: readonly string[]): Step[] {
  return lines.map((line): Step => ['admin', 'text', line])
}

/** Every way to write a command that gearmand takes. */
function spellings(command: string): string[] {
  const upper = command.toUpperCase()
  const mixed = command.replace(/\b\w/g, (letter) => letter.toUpperCase())
  const wide = command.replaceAll(' ', '   ')
  return [command, upper, mixed, wide, `${command} `, `${command}   `].flatMap((line) => [
    `${line}\n`,
    `${line}\r\n`,
  ])
}

function everySpelling(command: string): ConformanceScript {
  return {
    name: `${command}, in any case, with any spaces and either line end`,
    steps: [...SCENE, ...ask(spellings(command))],
  }
}

/** What is no command, or lacks words. */
const REFUSED = [
  '',
  ' ',
  '   ',
  'x',
  'no such command',
  ' status',
  '  version',
  '\tstatus',
  'status\t',
  'status\tx',
  'version\x00',
  'version\x00x y',
  'nonsense\x00x',
  'show jobs\x00x',
  'show  \x00jobs',
  'statu',
  'statuss',
  'show',
  'show ',
  'show x',
  'show job',
  'show jobss',
  'show unique',
  'show unique job',
  'show unique x',
  'cancel',
  'cancel job',
  'cancel x',
  'cancel x y',
  'cancel jobs H:x:1',
  'cancel job H:x:1',
  'cancel job x',
  'create',
  'create function',
  'create x',
  'create x y',
  'drop',
  'drop function',
  'drop x',
  'drop x y',
  'drop function unknown',
  'maxqueue',
  'maxqueue ',
  'MAXQUEUE',
  'Create',
  'DROP Function',
  'workers workers workers',
  'hello \xff\xfe',
  'GET / HTTP/1.1',
]

/** One word more than the command needs. */
const MORE_WORDS = [
  'version x',
  'getpid x y',
  'verbose x y z',
  'status x',
  'prioritystatus x y',
  'workers x',
  'show jobs x',
  'show jobs x y',
  'show unique jobs x',
  'cancel job H:x:1 y',
  'drop function unknown x',
  'drop function unknown ',
  'create function name x',
  'create function name ',
  'cancel job H:x:1 ',
  'maxqueue f ',
  'maxqueue f 1 ',
  'maxqueue f 1 2 ',
]

export const TEXT_COMMANDS: Theme = {
  subject: 'text commands',
  scripts: [
    ...[...TABLES, ...LINES].map(everySpelling),
    {
      name: 'tables of a server that has nothing to show',
      steps: ask(TABLES.map((line) => `${line}\n`)),
    },
    {
      name: 'what is unknown or incomplete, with a line feed',
      steps: ask(REFUSED.map((line) => `${line}\n`)),
    },
    {
      name: 'what is unknown or incomplete, with carriage return and line feed',
      steps: ask(REFUSED.map((line) => `${line}\r\n`)),
    },
    { name: 'words too many', steps: [...SCENE, ...ask(MORE_WORDS.map((line) => `${line}\n`))] },
    {
      name: 'several commands in one write, the last in pieces',
      steps: [
        ...SCENE,
        ['admin', 'text', 'version\nstatus\r\nnonsense\nshow jobs\nworkers\n'],
        ['admin', 'pieces', 'sta', 'tus', '\r', '\nver', 'sion\n', '\n', '\r\n'],
      ],
    },
    {
      name: 'the longest line',
      steps: [
        ['admin', 'text', `${'x'.repeat(8000)}\n`],
        ['admin', 'text', `maxqueue ${'n'.repeat(8000)} 1\n`],
        ['admin', 'text', `create function ${'n'.repeat(8000)}\r\n`],
        ['admin', 'text', 'status\n'],
      ],
    },
    {
      name: 'functions are made, shown and dropped',
      steps: [
        ['admin', 'text', 'create function one\r\n'],
        ['admin', 'text', 'CREATE FUNCTION Two\r\n'],
        ['admin', 'text', 'create  function   three\r\n'],
        ['admin', 'text', 'create function one\r\n'],
        ['admin', 'text', 'create function \xff\r\n'],
        ['admin', 'text', 'create function a/b:c-d_e.f\r\n'],
        ['admin', 'text', 'status\nprioritystatus\n'],
        ['admin', 'text', 'drop function ONE\n'],
        ['admin', 'text', 'drop  FUNCTION  two\r\n'],
        ['admin', 'text', 'drop function two\r\n'],
        ['admin', 'text', 'status\n'],
      ],
    },
    {
      name: 'functions that differ in case are dropped together',
      steps: [
        [
          'admin',
          'text',
          'create function name\r\ncreate function NAME\r\ncreate function Name\r\n',
        ],
        ['admin', 'text', 'status\n'],
        ['admin', 'text', 'drop function nAmE\n'],
        ['admin', 'text', 'status\n'],
      ],
    },
    {
      name: 'a function with workers or running jobs is not dropped',
      steps: [
        ['worker', 'CAN_DO', 'f'],
        ['admin', 'text', 'drop function f\n'],
        ['client', 'SUBMIT_JOB_BG', 'f', '', 'x'],
        ['worker', 'GRAB_JOB'],
        ['admin', 'text', 'drop function f\nstatus\n'],
        ['worker', 'WORK_COMPLETE', '$1', ''],
        ['admin', 'text', 'drop function f\n'],
        ['worker', 'leave'],
        ['admin', 'text', 'drop function f\nstatus\n'],
        ['client', 'SUBMIT_JOB_BG', 'f', '', 'x'],
        ['admin', 'text', 'status\n'],
        ['worker 2', 'packets', ['CAN_DO', 'g'], ['CAN_DO', 'h']],
        ['admin', 'text', 'drop function g\n'],
        ['worker 2', 'RESET_ABILITIES'],
        ['admin', 'text', 'drop function g\nstatus\n'],
      ],
    },
    {
      name: 'a queued job is cancelled, and no worker gets it',
      steps: [
        ['client', 'SUBMIT_JOB', 'f', 'u', 'x'],
        ['client 2', 'SUBMIT_JOB', 'f', 'u', 'x'],
        ['client', 'SUBMIT_JOB_BG', 'f', 'v', 'y'],
        ['admin', 'text', 'cancel job $1\n'],
        ['worker', 'CAN_DO', 'f'],
        ...times(2, ['worker', 'GRAB_JOB_UNIQ'] as const),
        ['admin', 'text', 'status\nshow jobs\nCANCEL JOB $1\r\n'],
        ['client', 'GET_STATUS', '$1'],
      ],
    },
    {
      name: 'every connection has a row in workers',
      steps: [
        ['client', 'ECHO_REQ', 'x'],
        ['worker', 'packets', ['CAN_DO', 'a'], ['CAN_DO', 'b c'], ['CAN_DO', 'd']],
        ['worker 2', 'packets', ['CAN_DO', 'a'], ['CAN_DO', 'a'], ['SET_CLIENT_ID', 'name']],
        ['admin', 'text', 'workers\n'],
        ['worker', 'CANT_DO', 'b c'],
        ['worker 2', 'CANT_DO', 'a'],
        ['worker', 'CAN_DO_TIMEOUT', 'e', '1000000'],
        ['admin', 'text', 'workers\n'],
        ['worker', 'leave'],
        ['admin', 'text', 'workers\nstatus\n'],
      ],
    },
  ],
}
