import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeWithGearmand, type Gearmand, startGearmand } from '../../helpers/gearmand.ts'
import { runScript } from '../../helpers/run-script.ts'

const FOLDER = fileURLToPath(new URL('../../../examples/', import.meta.url))

/** What each example writes, line by line. */
const OUTPUT: { readonly [example: string]: readonly string[] } = {
  'admin-client': [
    'alive: true',
    'version: 1.1',
    'third job: Job queue is full',
    'at first: 2 jobs, 0 workers',
    'listed: true',
    'at last: 0 jobs, 1 workers',
    'worker: thumbnails-1',
    'cancel: UNKNOWN_JOB',
  ],
  'after-poll-worker': [
    'Job started: echo',
    'Job complete: is anybody there?',
    'Job started: echo',
    'Job failed: Error: nothing to say',
    'work() has ended',
  ],
  'background-job': [
    'handed over: true, CREATED',
    'known: true, running: false',
    'running: true, 7 of 10',
    'known: false',
  ],
  cancellation: [
    'stopped waiting: TimeoutError',
    'the server still has the job: true',
    'taken back: true',
    'the request: FAILED',
    'a nap of a minute: FAILED',
  ],
  'custom-encoder': [
    '1000 times {"text":"again"}',
    'FAILED: EncodingError: a payload is no compressed JSON',
  ],
  'custom-store': [
    'start 1, jobs in the store: 0',
    'accepted: job 1',
    'start 2, jobs in the store: 1',
    'accepted: job 2',
    'skipped: a job that is over is kept as it was, and is none of the jobs: the store does not keep jobs that are over',
    'skipped: a job moves to those that are over, and back, in one commit each: the store does not keep jobs that are over',
    'skipped: what is kept of a job is replaced, and forgotten: the store does not keep jobs that are over',
    'skipped: thousands of them come back: the store does not keep jobs that are over',
    'skipped: two queues may be opened at the same time in a place where there was none: the store has one queue only',
    'skipped: two queues in one place do not see each other: the store has one queue only',
    'skipped: a queue that a later version wrote is refused, and left as it is: the fixture cannot make a newer queue',
    'skipped: what is no job is set aside with its reason, and the rest comes back: the fixture has no unreadable row',
    'the store keeps the contract',
  ],
  'encrypted-jobs': ['{ pages: 3 }', 'FAILED true'],
  'failed-jobs': [
    'first: Error: no network',
    'failed: deliver parcel-7, exception, 8 bytes',
    'queued again: 1',
    'then: delivered parcel 7',
  ],
  'http-front': [
    '200 gearman',
    '200 one, two, three',
    '202 JOB_CREATED',
    '500 WORK_EXCEPTION Error: out of paper',
  ],
  'json-encoder': [
    '{"got":"a string","type":"string"}',
    '{"got":5,"type":"number"}',
    '{"got":{"aDict":["with","a","list"]},"type":"object"}',
    '{"got":null,"type":"object"}',
  ],
  'pickle-encoder': [
    "['a string', 5, {'a_dict': ('with', 'a', 'tuple')}, None]",
    'PyTuple(3) [ 3, 18446744073709551616n, Set(2) { 1, 2 } ]',
    'ValueError: not today (ValueError of builtins)',
    'refused: GLOBAL os.system',
  ],
  'resubmit-requests': [
    'First round:',
    '  quick: COMPLETE, quick as a flash',
    '  flaky: FAILED, Error: not today',
    '  slow: CREATED, timed out',
    'Second round:',
    '  flaky: COMPLETE, well, this time',
    '  slow: COMPLETE, slow but sure',
  ],
  'reverse-worker': ['!dlroW olleH'],
  'reverse-worker-inflight': ['data: n a m r a e g', 'status: 7 of 7', 'COMPLETE, 0 bytes'],
  'several-servers': [
    'Hello, Ada',
    'Hello, Bob',
    'servers: 2',
    'Hello, Cyd',
    'Hello, Dan',
    'servers: 1',
  ],
  streaming: [
    'data: 2',
    '1 of 2',
    'data: 1',
    '2 of 2',
    'warning: stand back',
    'result: lift-off',
    '3, 2, 1, stand back, lift-off',
  ],
  'submit-job': [
    'Job job-1 finished! Result: COMPLETE - ARBITRARY DATA',
    'Job job-2 timed out!',
    'Job job-3 connection failed! Delivery: not-sent, ServerUnavailable',
  ],
  'submit-multiple-jobs': [
    'first: CREATED',
    'second: CREATED',
    'third: CREATED',
    'first: COMPLETE, SOME DATA',
    'second: COMPLETE, 10',
    'third: timed out',
  ],
  'watch-servers': [
    'steady: ready, 0 jobs',
    'shaky: ready, 0 jobs',
    'shaky: failed, ERR_GEARMAN_CONNECTION',
    'Hello, Ada',
    'steady: ready',
    'shaky: ready',
  ],
  'typed-tasks': ['19 + 23 = 42', 'the, quick, brown, fox: 3, 5, 5, 3'],
}

/** Their output has times in it: these are looked at for how many tests pass. */
const UNIT_TESTS: { readonly [example: string]: number } = {
  'faults-in-test': 3,
  'server-in-test': 2,
}
/** They bring their own servers in any case. */
const SELF_CONTAINED: readonly string[] = [
  'failed-jobs',
  'http-front',
  'several-servers',
  'watch-servers',
]

describe('the examples', () => {
  it('are all tested', () => {
    const examples = readdirSync(FOLDER)
      .filter((name) => name.endsWith('.ts'))
      .map((name) => name.slice(0, -'.ts'.length))
    expect(examples.sort()).toEqual([...Object.keys(OUTPUT), ...Object.keys(UNIT_TESTS)].sort())
  })

  it.each(Object.keys(OUTPUT))('%s works with the bundled server', async (name) => {
    await expectOutput(name)
  })

  it.each(Object.entries(UNIT_TESTS))('%s passes as a test', async (name, count) => {
    const { code, stdout, stderr } = await runScript(`${FOLDER}${name}.ts`)
    expect(stderr).toBe('')
    expect(stdout).toMatch(new RegExp(`^. pass ${count}$`, 'm'))
    expect(stdout).toMatch(/^. (fail) 0$/m)
    expect(code).toBe(0)
  })
})

describeWithGearmand('the examples on gearmand', () => {
  let gearmand: Gearmand

  beforeAll(async () => {
    gearmand = await startGearmand()
  })
  afterAll(async () => {
    await gearmand.stop()
  })

  const examples = Object.keys(OUTPUT).filter((name) => !SELF_CONTAINED.includes(name))
  it.each(examples)('%s works', async (name) => {
    await expectOutput(name, `${gearmand.host}:${gearmand.port}`)
  })
})

async function expectOutput(name: string, servers?: string): Promise<void> {
  const result = await runScript(`${FOLDER}${name}.ts`, servers === undefined ? {} : { servers })
  const stdout = `${OUTPUT[name]?.join('\n')}\n`
  expect(result).toEqual({ code: 0, stdout, stderr: '' })
}
