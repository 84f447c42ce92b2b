import { describe, expect, test } from 'vitest'
import { ClientSession } from '../../../src/client/client-session.ts'
import { JobDispatcher } from '../../../src/client/job-dispatcher.ts'
import { GearmanJobRequest, type JobRequestExtras } from '../../../src/client/job-request.ts'
import { GearmanConnection } from '../../../src/connection/connection.ts'
import { RawDataEncoder } from '../../../src/encoders/raw-data-encoder.ts'
import {
  ConnectionError,
  EncodingError,
  ExceededConnectionAttempts,
  InvalidArgumentError,
  JobLostError,
  ServerUnavailable,
} from '../../../src/errors.ts'
import { GearmanJob } from '../../../src/jobs/gearman-job.ts'
import { PacketType } from '../../../src/protocol/packets.ts'
import { FakeLink } from '../../helpers/fake-link.ts'

const GONE = new ConnectionError('gone')

/** A connection that is ready, without a socket. */
function fakeConnection(session: ClientSession | undefined): GearmanConnection {
  return Object.create(GearmanConnection.prototype, {
    session: { value: session },
    server: { value: 'gear:4730' },
    connectCount: { value: 1 },
    connected: { value: session !== undefined },
    lastError: { value: session === undefined ? GONE : undefined },
  }) as GearmanConnection
}

interface Scene {
  readonly dispatcher: JobDispatcher
  readonly sessions: ClientSession[]
  readonly links: FakeLink[]
  /** What the next choices of a server are; afterwards a new server each time. */
  readonly choices: unknown[]
  isShutDown: boolean
  submit(maxAttempts?: number, extras?: JobRequestExtras): GearmanJobRequest
}

function makeScene(): Scene {
  const sessions: ClientSession[] = []
  const links: FakeLink[] = []
  const choices: unknown[] = []
  const connect = (): GearmanConnection => {
    const link = new FakeLink()
    const session = new ClientSession(link)
    links.push(link)
    sessions.push(session)
    return fakeConnection(session)
  }
  const host = {
    establishRequestConnection: () => {
      const choice = choices.shift() ?? connect()
      if (choice instanceof Error) throw choice
      return choice as GearmanConnection
    },
    encoderFor: () => new RawDataEncoder(),
  }
  const scene: Scene = {
    dispatcher: new JobDispatcher(host, () => scene.isShutDown),
    sessions,
    links,
    choices,
    isShutDown: false,
    submit: (maxAttempts = 1, extras = {}) => {
      const job = new GearmanJob<unknown>(undefined, undefined, 't', 'u', 'x')
      const request = new GearmanJobRequest<unknown>(job, null, false, maxAttempts, extras)
      request.owner = {
        cancel: () => Promise.resolve(false),
        onLost: (...lost) => scene.dispatcher.onLost(...lost),
      }
      scene.dispatcher.encode(request)
      scene.dispatcher.submit(request)
      return request
    },
  }
  return scene
}

const lose = (session: ClientSession | undefined, sentBytes = 10): void =>
  session?.lost(GONE, sentBytes)

describe('the dispatcher', () => {
  test('sends at once when a server is ready', () => {
    const { submit, links } = makeScene()
    const request = submit()
    expect(links[0]?.sent).toEqual(['SUBMIT_JOB t u x'])
    expect(request).toMatchObject({ state: 'PENDING', delivery: 'unknown', connectionAttempts: 1 })
  })

  test('moves what was not sent, as often as needed, without costing an attempt', () => {
    const { submit, sessions } = makeScene()
    const request = submit()
    for (let move = 0; move < 5; move += 1) lose(sessions[move], 0)
    expect(sessions).toHaveLength(6)
    expect(request).toMatchObject({ state: 'PENDING', connectionAttempts: 1, error: undefined })
  })

  test('leaves what was sent unknown when no retry was asked for', () => {
    const { submit, sessions } = makeScene()
    const request = submit()
    lose(sessions[0])
    expect(sessions).toHaveLength(1)
    expect(request).toMatchObject({ state: 'UNKNOWN', delivery: 'unknown', error: undefined })
    expect(request.progress.isSubmitting).toBe(false)
  })

  test('sends again within maxRetries, then gives up with ExceededConnectionAttempts', () => {
    const { submit, sessions } = makeScene()
    const request = submit(3)
    lose(sessions[0])
    lose(sessions[1])
    expect(request).toMatchObject({ state: 'PENDING', connectionAttempts: 3 })
    lose(sessions[2])
    expect(sessions).toHaveLength(3)
    expect(request).toMatchObject({ state: 'UNKNOWN', delivery: 'unknown' })
    expect(request.error).toBeInstanceOf(ExceededConnectionAttempts)
    expect(request.error).toMatchObject({ attempts: 3, cause: GONE })
  })

  test('never sends again what was accepted', () => {
    const { submit, sessions } = makeScene()
    const request = submit(5)
    sessions[0]?.onPacket(PacketType.JOB_CREATED, Buffer.from('H:1'))
    lose(sessions[0])
    expect(sessions).toHaveLength(1)
    expect(request).toMatchObject({ state: 'UNKNOWN', delivery: 'accepted', error: undefined })
  })

  test('sends what is idempotent again, accepted or not, whatever maxRetries says', () => {
    const { submit, sessions } = makeScene()
    const request = submit(1, { idempotent: true })
    lose(sessions[0])
    sessions[1]?.onPacket(PacketType.JOB_CREATED, Buffer.from('H:1'))
    lose(sessions[1])
    expect(request).toMatchObject({ state: 'PENDING', delivery: 'accepted' })
    sessions[2]?.onPacket(PacketType.JOB_CREATED, Buffer.from('H:2'))
    expect(request).toMatchObject({ state: 'CREATED', handle: 'H:2' })
  })

  test('never says not-sent of what may have been sent before', () => {
    const { submit, sessions, choices } = makeScene()
    const request = submit(3)
    choices.push(new ServerUnavailable([]))
    lose(sessions[0])
    expect(request).toMatchObject({ state: 'UNKNOWN', delivery: 'unknown' })
    expect(request.error).toBeInstanceOf(JobLostError)
    expect(request.error?.cause).toBeInstanceOf(ServerUnavailable)
    // Nor when it is submitted again and refused, or not sent.
    const again = submit(3)
    lose(sessions[1])
    sessions[2]?.onPacket(PacketType.ERROR, Buffer.from('QUEUE_ERROR\0full'))
    expect(again).toMatchObject({ state: 'FAILED', delivery: 'unknown' })
  })

  test('gives up what cannot be encoded again', () => {
    const { submit, sessions } = makeScene()
    const request = submit(1, { idempotent: true })
    sessions[0]?.onPacket(PacketType.JOB_CREATED, Buffer.from('H:1'))
    request.job.data = 7
    lose(sessions[0])
    expect(request).toMatchObject({ state: 'UNKNOWN', delivery: 'accepted' })
    expect(request.error).toBeInstanceOf(JobLostError)
    expect(request.error?.cause).toBeInstanceOf(EncodingError)
  })

  test('sends nothing any more once the client was shut down', () => {
    const scene = makeScene()
    const requests = [scene.submit(5), scene.submit(5, { idempotent: true })]
    scene.isShutDown = true
    lose(scene.sessions[0], 0)
    lose(scene.sessions[1])
    expect(scene.sessions).toHaveLength(2)
    expect(requests.map(({ delivery }) => delivery)).toEqual(['not-sent', 'unknown'])
    expect(requests.map(({ state }) => state)).toEqual(['UNKNOWN', 'UNKNOWN'])
    expect(requests[0]?.error).toBe(GONE)
  })

  test('puts what hinders it into the request', () => {
    const { submit, choices, links } = makeScene()
    const reason = new Error('no server today')
    choices.push(reason, {}, fakeConnection(undefined))
    expect(submit().error).toBe(reason)
    const nonsense = submit()
    expect(nonsense.state).toBe('UNKNOWN')
    expect(submit().error).toBeInstanceOf(ServerUnavailable)
    const request = submit()
    expect(request.error).toBeUndefined()
    const refusing = new FakeLink()
    refusing.refusal = new EncodingError('too large')
    choices.push(fakeConnection(new ClientSession(refusing)))
    expect(submit()).toMatchObject({ error: refusing.refusal, delivery: 'not-sent' })
    expect(links).toHaveLength(1)
  })

  test('takes a promise of a server, and looks at what it brings', async () => {
    const { submit, choices } = makeScene()
    const link = new FakeLink()
    const good = fakeConnection(new ClientSession(link))
    choices.push(Promise.resolve(good), Promise.resolve('nonsense'), Promise.reject(GONE))
    const requests = [submit(), submit(), submit()]
    expect(requests.map(({ state }) => state)).toEqual(['UNKNOWN', 'UNKNOWN', 'UNKNOWN'])
    await new Promise(setImmediate)
    expect(requests[0]?.state).toBe('PENDING')
    expect(requests[1]?.error).toBeInstanceOf(InvalidArgumentError)
    expect(requests[2]?.error).toBe(GONE)
  })

  test('withdraws what was not sent, also when its server comes later', async () => {
    const { submit, choices, dispatcher } = makeScene()
    const link = new FakeLink()
    choices.push(Promise.resolve(fakeConnection(new ClientSession(link))))
    const request = submit()
    expect(dispatcher.withdraw(request, undefined)).toBe(true)
    expect(dispatcher.withdraw(request, undefined)).toBe(false)
    await new Promise(setImmediate)
    expect(link.sent).toEqual([])
    const sent = submit()
    expect(dispatcher.withdraw(sent, undefined)).toBe(false)
    expect(sent.state).toBe('PENDING')
  })

  test('abandons what was sent: what still comes for it is ignored', () => {
    const { submit, sessions, dispatcher } = makeScene()
    const request = submit()
    dispatcher.abandon(request, GONE)
    expect(request).toMatchObject({ state: 'UNKNOWN', delivery: 'unknown', error: undefined })
    sessions[0]?.onPacket(PacketType.JOB_CREATED, Buffer.from('H:1'))
    expect(request).toMatchObject({ state: 'UNKNOWN', handle: undefined })
  })
})
