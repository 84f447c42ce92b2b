import { describe, expect, test } from 'vitest'
import type { JobOptions } from '../../../src/client/client-options.ts'
import { resolveAttempts, resolveWait } from '../../../src/client/client-options.ts'
import { GearmanJobRequest } from '../../../src/client/job-request.ts'
import { checkRequests, listOf, RequestFactory } from '../../../src/client/request-factory.ts'
import { submitArguments, submitType } from '../../../src/client/submit-packet.ts'
import { InvalidArgumentError } from '../../../src/errors.ts'
import { GearmanJob } from '../../../src/jobs/gearman-job.ts'
import { packetName } from '../../../src/protocol/packets.ts'

/** As a client does it: made, and checked before it is sent. */
function make(task: unknown, options: unknown = {}): GearmanJobRequest {
  const factory = new RequestFactory()
  const request = factory.create<unknown, unknown, unknown>(
    task as string,
    'x',
    options as JobOptions,
  )
  factory.complete(request)
  return request
}

function argumentThatIsWrong(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    if (error instanceof InvalidArgumentError) return error.argument
    throw error
  }
  return 'none'
}

describe('the check of arguments', () => {
  test.each([
    ['task', '', {}],
    ['task', 'a'.repeat(513), {}],
    ['task', `${'ü'.repeat(256)}a`, {}],
    ['task', 'nul\0', {}],
    ['task', 7, {}],
    ['task', undefined, {}],
    ['unique', 't', { unique: 'u'.repeat(64) }],
    ['unique', 't', { unique: 'ü'.repeat(32) }],
    ['unique', 't', { unique: 'nul\0' }],
    ['unique', 't', { unique: 7 }],
    ['unique', 't', { unique: null }],
    ['priority', 't', { priority: 'URGENT' }],
    ['priority', 't', { priority: 'high' }],
    ['priority', 't', { priority: 1 }],
    ['priority', 't', { priority: 'HIGH', runAt: 0 }],
    ['priority', 't', { priority: 'LOW', reducer: 'r' }],
    ['background', 't', { background: 'yes' }],
    ['background', 't', { background: false, runAt: 0 }],
    ['maxRetries', 't', { maxRetries: -1 }],
    ['maxRetries', 't', { maxRetries: 1.5 }],
    ['maxRetries', 't', { maxRetries: Number.NaN }],
    ['maxRetries', 't', { maxRetries: '1' }],
    ['runAt', 't', { runAt: -1 }],
    ['runAt', 't', { runAt: Number.NaN }],
    ['runAt', 't', { runAt: new Date(Number.NaN) }],
    ['runAt', 't', { runAt: Number.POSITIVE_INFINITY }],
    ['runAt', 't', { runAt: 2 ** 32 * 1000 }],
    ['runAt', 't', { runAt: 'tomorrow' }],
    ['reducer', 't', { reducer: '' }],
    ['reducer', 't', { reducer: 'r'.repeat(64) }],
    ['reducer', 't', { reducer: 'nul\0' }],
    ['reducer', 't', { reducer: 7 }],
    ['reducer', 't', { reducer: 'r', runAt: 0 }],
    ['idempotent', 't', { idempotent: 'yes' }],
    ['options', 't', null],
    ['options', 't', 'background'],
  ])('refuses a wrong %s: task %j, options %j', (argument, task, options) => {
    expect(argumentThatIsWrong(() => make(task, options))).toBe(argument)
  })

  test.each([
    ['a', {}],
    ['a'.repeat(512), {}],
    ['ü'.repeat(256), {}],
    ['with space\tand\nmore', {}],
    ['t', { unique: '' }],
    ['t', { unique: '-' }],
    ['t', { unique: 'u'.repeat(63) }],
    ['t', { unique: `${'ü'.repeat(31)}a` }],
    ['t', { priority: null }],
    ['t', { priority: undefined, background: undefined, maxRetries: undefined }],
    ['t', { maxRetries: Number.POSITIVE_INFINITY }],
    ['t', { reducer: 'r'.repeat(63) }],
    ['t', { runAt: 0 }],
  ])('takes task %j with options %j', (task, options) => {
    expect(argumentThatIsWrong(() => make(task, options))).toBe('none')
  })

  test.each([-1, Number.NaN, '5', {}, Number.NEGATIVE_INFINITY])(
    'refuses pollTimeout %j',
    (pollTimeout) => {
      expect(argumentThatIsWrong(() => resolveWait({ pollTimeout } as never))).toBe('pollTimeout')
    },
  )

  test('takes a pollTimeout from 0 to for ever', () => {
    expect(resolveWait({ pollTimeout: 0 }).deadlineMs).toBeLessThanOrEqual(performance.now())
    expect(resolveWait({ pollTimeout: 0 }).isGiven).toBe(true)
    expect(resolveWait({ pollTimeout: Number.POSITIVE_INFINITY })).toMatchObject({
      deadlineMs: Number.POSITIVE_INFINITY,
      isGiven: true,
    })
    expect(resolveWait({})).toMatchObject({ deadlineMs: Number.POSITIVE_INFINITY, isGiven: false })
  })

  test.each([{ aborted: true }, 'abort', new AbortController()])(
    'refuses a signal that is none',
    (signal) => {
      expect(argumentThatIsWrong(() => resolveWait({ signal } as never))).toBe('signal')
    },
  )

  test('refuses requests that are none', () => {
    const request = make('t')
    expect(checkRequests(new Set([request]))).toEqual([request])
    for (const requests of [undefined, 7, {}, 'text', request]) {
      expect(argumentThatIsWrong(() => checkRequests(requests as never))).toBe('requests')
    }
    for (const item of [undefined, {}, 'text', request.job]) {
      expect(argumentThatIsWrong(() => checkRequests([item] as never))).toBe('request')
    }
    expect(argumentThatIsWrong(() => listOf('jobs', { task: 't' } as never))).toBe('jobs')
  })

  test('refuses a request of the caller’s own making that cannot be sent', () => {
    const factory = new RequestFactory()
    const job = (task: string, unique?: string): GearmanJob =>
      new GearmanJob<unknown>(undefined, undefined, task, unique, 'x')
    const complete = (request: GearmanJobRequest): string =>
      argumentThatIsWrong(() => factory.complete(request))
    expect(complete(new GearmanJobRequest(job('')))).toBe('task')
    expect(complete(new GearmanJobRequest(job('t', 'u'.repeat(64))))).toBe('unique')
    expect(complete(new GearmanJobRequest(job('t'), 'URGENT' as never))).toBe('priority')
  })
})

describe('a new request', () => {
  test('has 16 random bytes in hexadecimal for a unique id that was left out', () => {
    const factory = new RequestFactory()
    const uniques = Array.from({ length: 3000 }, () => factory.create('t', 'x', {}).unique)
    expect(uniques.filter((unique) => !/^[0-9a-f]{32}$/.test(unique ?? ''))).toEqual([])
    expect(new Set(uniques).size).toBe(3000)
    const request = factory.create('t', 'x', {})
    expect(request.randomUnique).toBe(request.unique)
    expect(factory.create('t', 'x', { unique: '' })).toMatchObject({
      unique: '',
      randomUnique: undefined,
    })
  })

  test('has a unique id that is checked again when the caller has put it in place of the random one', () => {
    const factory = new RequestFactory()
    const request = factory.create('t', 'x', {})
    factory.complete(request)
    request.gearmanJob.unique = 'a\0b'
    expect(argumentThatIsWrong(() => factory.complete(request))).toBe('unique')
  })

  test('counts attempts from one', () => {
    expect(make('t').maxConnectionAttempts).toBe(1)
    expect(make('t', { maxRetries: 3 }).maxConnectionAttempts).toBe(4)
    expect(resolveAttempts(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY)
  })

  test('takes from the batch what it does not say itself', () => {
    const factory = new RequestFactory()
    const defaults = { background: true, maxRetries: 2 }
    expect(factory.create('t', 'x', {}, defaults)).toMatchObject({
      background: true,
      maxConnectionAttempts: 3,
    })
    expect(factory.create('t', 'x', { background: false, maxRetries: 0 }, defaults)).toMatchObject({
      background: false,
      maxConnectionAttempts: 1,
    })
  })

  test('is put off to whole seconds, rounded up', () => {
    const seconds = (runAt: Date | number): number | undefined =>
      make('t', { runAt }).extras.runAtEpochSeconds
    expect(seconds(1000)).toBe(1)
    expect(seconds(1001)).toBe(2)
    expect(seconds(new Date(5999))).toBe(6)
    expect(seconds((2 ** 32 - 1) * 1000)).toBe(2 ** 32 - 1)
    expect(make('t', { runAt: 0 }).background).toBe(true)
  })

  test.each([
    ['SUBMIT_JOB', {}],
    ['SUBMIT_JOB_BG', { background: true }],
    ['SUBMIT_JOB_HIGH', { priority: 'HIGH' }],
    ['SUBMIT_JOB_HIGH_BG', { priority: 'HIGH', background: true }],
    ['SUBMIT_JOB_LOW', { priority: 'LOW' }],
    ['SUBMIT_JOB_LOW_BG', { priority: 'LOW', background: true }],
    ['SUBMIT_JOB_EPOCH', { runAt: 7000 }],
    ['SUBMIT_REDUCE_JOB', { reducer: 'r' }],
    ['SUBMIT_REDUCE_JOB_BACKGROUND', { reducer: 'r', background: true }],
  ])('becomes %s with options %j', (name, options) => {
    const request = make('t', { unique: 'u', ...options })
    expect(packetName(submitType(request))).toBe(name)
    const args = submitArguments(request, Buffer.from('x')).map(String)
    if (name === 'SUBMIT_JOB_EPOCH') expect(args).toEqual(['t', 'u', '7', 'x'])
    else if (name.startsWith('SUBMIT_REDUCE')) expect(args).toEqual(['t', 'u', 'r', '', 'x'])
    else expect(args).toEqual(['t', 'u', 'x'])
  })
})
