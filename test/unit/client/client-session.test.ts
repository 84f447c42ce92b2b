import { describe, expect, test } from 'vitest'
import { ClientSession } from '../../../src/client/client-session.ts'
import { GearmanJobRequest } from '../../../src/client/job-request.ts'
import { StatusSlot } from '../../../src/client/status-slot.ts'
import { Submission } from '../../../src/client/submission.ts'
import type { JobUpdate } from '../../../src/client/update-queue.ts'
import { DataEncoder } from '../../../src/encoders/data-encoder.ts'
import { RawDataEncoder } from '../../../src/encoders/raw-data-encoder.ts'
import {
  ConnectionError,
  EncodingError,
  type GearmanError,
  ProtocolError,
  ServerError,
  UnknownCommandError,
} from '../../../src/errors.ts'
import { GearmanJob } from '../../../src/jobs/gearman-job.ts'
import { type PacketName, PacketType } from '../../../src/protocol/packets.ts'
import { FakeLink } from '../../helpers/fake-link.ts'

/** Takes text only, and not every one. */
class PickyEncoder extends DataEncoder<string> {
  encode(value: string): Uint8Array {
    return Buffer.from(value)
  }

  decode(bytes: Buffer): string {
    const text = bytes.toString()
    if (text.startsWith('bad')) throw new RangeError('I do not like it')
    return text
  }

  override decodeError(bytes: Buffer): unknown {
    return this.decode(bytes)
  }
}

interface Scene {
  readonly session: ClientSession
  readonly link: FakeLink
  /** What the owner of submissions was told. */
  readonly lost: string[]
  /** Sends a request and gives it back. */
  submit(background?: boolean): GearmanJobRequest
  /** Sends one that was accepted under a handle. */
  accept(handle: string): GearmanJobRequest
  receive(name: PacketName, body: string | Buffer): void
}

function makeScene(encoder: RawDataEncoder | PickyEncoder = new PickyEncoder()): Scene {
  const link = new FakeLink()
  const session = new ClientSession(link)
  const lost: string[] = []
  const owner = {
    cancel: () => Promise.resolve(false),
    onLost: (request: GearmanJobRequest, error: GearmanError, wasSent: boolean): void => {
      lost.push(`${request.gearmanJob.unique} ${error.message} ${wasSent}`)
    },
  }
  let count = 0
  const submit = (background = false): GearmanJobRequest => {
    count += 1
    const job = new GearmanJob<unknown>(undefined, undefined, 't', `u${count}`, 'x')
    const request = new GearmanJobRequest(job, null, background)
    const submission = new Submission(request, session, encoder)
    request.owner = owner
    request.state = 'PENDING'
    request.progress.isSubmitting = true
    request.progress.submission = submission
    session.submit(submission, PacketType.SUBMIT_JOB, ['t', `u${count}`, 'x'])
    return request
  }
  const receive = (name: PacketName, body: string | Buffer): void =>
    session.onPacket(PacketType[name], Buffer.from(body))
  const accept = (handle: string): GearmanJobRequest => {
    const request = submit()
    receive('JOB_CREATED', handle)
    return request
  }
  return { session, link, lost, submit, accept, receive }
}

describe('a client session', () => {
  test('begins by asking for exceptions, and does not mind a refusal', () => {
    const { session, link, receive } = makeScene()
    session.start()
    expect(link.sent).toEqual(['OPTION_REQ exceptions'])
    receive('ERROR', 'UNKNOWN_OPTION\0no')
    session.start()
    receive('OPTION_RES', 'exceptions')
    expect(session.outstandingReplies).toBe(0)
  })

  test('gives handles to submissions in the order in which they were sent', () => {
    const { submit, receive, session } = makeScene()
    const requests = [submit(), submit(true), submit()]
    expect(session.outstandingJobs).toBe(3)
    for (const handle of ['H:1', 'H:2', 'H:3']) receive('JOB_CREATED', handle)
    expect(requests.map(({ handle, state, delivery }) => `${handle} ${state} ${delivery}`)).toEqual(
      ['H:1 CREATED accepted', 'H:2 CREATED accepted', 'H:3 CREATED accepted'],
    )
    expect(requests.map(({ complete }) => complete)).toEqual([false, true, false])
    // The one in the background is nobody's business any more.
    expect(session.outstandingJobs).toBe(2)
  })

  test('fails the submission that the server refused', () => {
    const { submit, receive } = makeScene()
    const [first, second] = [submit(), submit()]
    receive('ERROR', 'QUEUE_ERROR\0Job queue is full')
    receive('JOB_CREATED', 'H:2')
    expect(first).toMatchObject({ state: 'FAILED', delivery: 'not-sent', complete: true })
    expect(first.error).toBeInstanceOf(ServerError)
    expect(second).toMatchObject({ state: 'CREATED', handle: 'H:2', error: undefined })
  })

  test('brings data, warnings, status and result to the job', () => {
    const { accept, receive, session } = makeScene()
    const request = accept('H:1')
    receive('WORK_DATA', 'H:1\0one')
    receive('WORK_WARNING', 'H:1\0careful')
    receive('WORK_STATUS', 'H:1\x003\x004')
    receive('WORK_DATA', 'H:1\0two\0three')
    receive('WORK_COMPLETE', 'H:1\0end')
    expect(request).toMatchObject({
      state: 'COMPLETE',
      result: 'end',
      dataUpdates: ['one', 'two\0three'],
      warningUpdates: ['careful'],
      status: { handle: 'H:1', server: 'gear:4730', known: true, running: true },
    })
    expect(request.status).toMatchObject({ numerator: 3, denominator: 4 })
    expect(session.outstandingJobs).toBe(0)
  })

  test.each([
    ['1', '2', 1, 2],
    ['0.25', '1', 0.25, 1],
    ['', '', 0, 0],
    ['x5', '-1', 0, -1],
    ['1e2', '1e999', 100, 0],
  ])(
    'reads progress of %j of %j, whatever a worker writes there',
    (n, d, numerator, denominator) => {
      const { accept, receive } = makeScene()
      const request = accept('H:1')
      receive('WORK_STATUS', `H:1\0${n}\0${d}`)
      expect(request.status).toMatchObject({ numerator, denominator })
    },
  )

  test('ends a job at WORK_FAIL and at WORK_EXCEPTION', () => {
    const { accept, receive } = makeScene()
    const [failed, thrown, odd] = [accept('H:1'), accept('H:2'), accept('H:3')]
    receive('WORK_FAIL', 'H:1')
    receive('WORK_EXCEPTION', 'H:2\0too bad')
    receive('WORK_EXCEPTION', 'H:3\0bad to read')
    expect(failed).toMatchObject({ state: 'FAILED', exception: undefined, error: undefined })
    expect(thrown).toMatchObject({ state: 'FAILED', exception: 'too bad', error: undefined })
    expect(odd).toMatchObject({ state: 'FAILED', exception: Buffer.from('bad to read') })
  })

  test('cuts one trailing NUL off a handle, and no more', () => {
    const { accept, receive } = makeScene()
    const request = accept('H:1\0')
    expect(request.handle).toBe('H:1')
    receive('WORK_FAIL', 'H:1\0\0')
    expect(request.state).toBe('CREATED')
    receive('WORK_FAIL', 'H:1\0')
    expect(request.state).toBe('FAILED')
  })

  test('drops what comes for a job that has ended, or that it never knew', () => {
    const { accept, receive } = makeScene()
    const request = accept('H:1')
    receive('WORK_COMPLETE', 'H:1\0end')
    for (const name of ['WORK_DATA', 'WORK_WARNING', 'WORK_COMPLETE', 'WORK_EXCEPTION'] as const) {
      receive(name, 'H:1\0late')
      receive(name, 'H:other\0late')
    }
    receive('WORK_FAIL', 'H:1')
    receive('WORK_STATUS', 'H:1\x001\x002')
    expect(request).toMatchObject({ state: 'COMPLETE', result: 'end', dataUpdates: [], status: {} })
  })

  describe('with a handle that several submissions share', () => {
    test('deals data out once to each, and the end to all at once', () => {
      const { accept, receive, session } = makeScene()
      const requests = [accept('H:1'), accept('H:1'), accept('H:1')]
      expect(session.outstandingJobs).toBe(3)
      for (const data of ['one', 'two']) {
        for (let copy = 0; copy < 3; copy += 1) receive('WORK_DATA', `H:1\0${data}`)
      }
      for (let copy = 0; copy < 3; copy += 1) receive('WORK_STATUS', 'H:1\x001\x002')
      receive('WORK_COMPLETE', 'H:1\0end')
      for (const request of requests) {
        expect(request).toMatchObject({
          state: 'COMPLETE',
          result: 'end',
          dataUpdates: ['one', 'two'],
          status: { numerator: 1 },
        })
      }
      expect(session.outstandingJobs).toBe(0)
      receive('WORK_COMPLETE', 'H:1\0late copy')
      receive('WORK_COMPLETE', 'H:1\0late copy')
      expect(requests.map(({ result }) => result)).toEqual(['end', 'end', 'end'])
    })

    test('lets them all fail together', () => {
      const { accept, receive } = makeScene()
      const requests = [accept('H:1'), accept('H:1')]
      receive('WORK_EXCEPTION', 'H:1\0too bad')
      expect(requests.map(({ exception }) => exception)).toEqual(['too bad', 'too bad'])
    })
  })

  describe('with payloads that cannot be used', () => {
    test('fails the request of a result that cannot be decoded, and no other', () => {
      const { accept, receive } = makeScene()
      const [bad, good] = [accept('H:1'), accept('H:2')]
      receive('WORK_COMPLETE', 'H:1\0bad result')
      receive('WORK_COMPLETE', 'H:2\0good result')
      expect(bad).toMatchObject({ state: 'FAILED', result: undefined })
      expect(bad.error).toBeInstanceOf(EncodingError)
      expect(bad.error?.cause).toBeInstanceOf(RangeError)
      expect(good).toMatchObject({ state: 'COMPLETE', result: 'good result' })
    })

    test('fails the request of data that cannot be decoded; its result is dropped', () => {
      const { accept, receive } = makeScene()
      const request = accept('H:1')
      receive('WORK_DATA', 'H:1\0bad data')
      receive('WORK_COMPLETE', 'H:1\0end')
      expect(request).toMatchObject({ state: 'FAILED', result: undefined })
      expect(request.error).toBeInstanceOf(EncodingError)
    })

    test.each(['WORK_COMPLETE', 'WORK_DATA', 'WORK_WARNING', 'WORK_EXCEPTION'] as const)(
      'fails the requests of an oversized %s, and no other',
      (name) => {
        const { accept, receive, session } = makeScene()
        const [first, second, other] = [accept('H:1'), accept('H:1'), accept('H:2')]
        session.onOversized(PacketType[name], 5000, Buffer.from('H:1\0the front'))
        for (const request of [first, second]) {
          expect(request).toMatchObject({ state: 'FAILED', complete: true })
          expect(request?.error).toBeInstanceOf(EncodingError)
        }
        receive('WORK_COMPLETE', 'H:2\0end')
        expect(other?.state).toBe('COMPLETE')
      },
    )

    test.each([
      ['an answer', 'JOB_CREATED', 'H:1\0'],
      ['a packet without a handle', 'WORK_COMPLETE', 'x'.repeat(64)],
    ] as const)('gives up the connection for oversized bodies of %s', (_what, name, front) => {
      const { session } = makeScene()
      expect(() => session.onOversized(PacketType[name], 5000, Buffer.from(front))).toThrow(
        ProtocolError,
      )
    })
  })

  test('brings updates to the one who iterates, and the overflow fails that request only', async () => {
    const { accept, receive } = makeScene(new RawDataEncoder())
    const [slow, other] = [accept('H:1'), accept('H:2')]
    const updates = slow[Symbol.asyncIterator]()
    const first = updates.next() as Promise<{ readonly value: JobUpdate }>
    await Promise.resolve()
    const mebibyte = Buffer.concat([Buffer.from('H:1\0'), Buffer.alloc(1024 * 1024)])
    for (let count = 0; count < 18; count += 1) receive('WORK_DATA', mebibyte)
    expect((await first).value.type).toBe('data')
    expect(slow).toMatchObject({ state: 'FAILED', dataUpdates: [] })
    expect(slow.error).toBeInstanceOf(EncodingError)
    let read = 1
    let reason: unknown
    try {
      for await (const update of updates) read += update.type === 'data' ? 1 : 0
    } catch (error) {
      reason = error
    }
    expect(reason).toBe(slow.error)
    expect(read).toBeGreaterThan(15)
    receive('WORK_COMPLETE', 'H:2\0end')
    expect(other.state).toBe('COMPLETE')
  })

  test('ignores a request that was let go', () => {
    const { submit, receive, session } = makeScene()
    const request = submit()
    request.reset()
    receive('JOB_CREATED', 'H:1')
    receive('WORK_COMPLETE', 'H:1\0end')
    expect(request).toMatchObject({ state: 'UNKNOWN', handle: undefined, result: undefined })
    expect(session.outstandingJobs).toBe(0)
  })

  test('answers questions about the status in their order, by handle and by unique id', () => {
    const { session, receive, link } = makeScene()
    const answers: unknown[] = []
    const ask = (type: number, key: string): void => {
      const note = (answer: unknown): void => void answers.push(answer)
      session.ask(new StatusSlot('gear:4730', note, note), type, key)
    }
    ask(PacketType.GET_STATUS, 'H:1')
    ask(PacketType.GET_STATUS_UNIQUE, 'u')
    ask(PacketType.GET_STATUS, 'H:3')
    receive('STATUS_RES', 'H:1\x001\x000\x002\x003')
    receive('STATUS_RES_UNIQUE', 'u\x001\x001\x000\x000\x004')
    receive('ERROR', 'OOPS\0no')
    expect(link.sent).toEqual(['GET_STATUS H:1', 'GET_STATUS_UNIQUE u', 'GET_STATUS H:3'])
    expect(answers).toEqual([
      expect.objectContaining({ handle: 'H:1', known: true, running: false, denominator: 3 }),
      expect.objectContaining({ handle: undefined, unique: 'u', running: true, clients: 4 }),
      expect.any(ServerError),
    ])
  })

  test('tells each submission when the connection is lost: what had left, and what had not', () => {
    const { submit, accept, session, lost } = makeScene()
    accept('H:1')
    accept('H:1')
    submit()
    submit()
    // Ten bytes each: the fourth had not left.
    session.lost(new ConnectionError('gone'), 30)
    expect(lost).toEqual(['u3 gone true', 'u4 gone false', 'u1 gone true', 'u2 gone true'])
    expect(session.outstandingJobs).toBe(0)
  })

  test.each([
    ['JOB_CREATED', 'H:1', ProtocolError],
    ['STATUS_RES', 'H:1\x001\x000\x002\x003', ProtocolError],
    ['OPTION_RES', 'exceptions', ProtocolError],
    ['SUBMIT_JOB', 't\0u\0', ProtocolError],
    ['NOOP', '', UnknownCommandError],
    ['JOB_ASSIGN', 'H:1\0t\0', UnknownCommandError],
    ['WORK_COMPLETE', 'H:1', ProtocolError],
    ['WORK_DATA', 'H:1', ProtocolError],
    ['WORK_STATUS', 'H:1', ProtocolError],
  ] as const)('does not accept %s as %j', (name, body, errorClass) => {
    expect(() => makeScene().receive(name, body)).toThrow(errorClass)
  })
})
