import { vi } from 'vitest'
import { resolveWait } from '../../../src/client/client-options.ts'
import { ClientSession } from '../../../src/client/client-session.ts'
import type { GearmanJobRequest } from '../../../src/client/job-request.ts'
import { RequestFactory } from '../../../src/client/request-factory.ts'
import { RequestSubmitter } from '../../../src/client/request-submitter.ts'
import { RequestWaiter } from '../../../src/client/request-waiter.ts'
import { GearmanConnection } from '../../../src/connection/connection.ts'
import type { ConnectionGroup } from '../../../src/connection/connection-group.ts'
import { createDeferred, type Deferred } from '../../../src/core/deferred.ts'
import { RawDataEncoder } from '../../../src/encoders/raw-data-encoder.ts'
import { ConnectionError, ServerUnavailable } from '../../../src/errors.ts'
import { PacketType } from '../../../src/protocol/packets.ts'
import { FakeLink } from '../../helpers/fake-link.ts'
import { type DeliveryEvent, SERVERS } from './events.ts'
import type { Seen } from './model.ts'

interface Looking {
  readonly isPatient: boolean
  readonly found: Deferred<GearmanConnection>
}

type Submit = Extract<DeliveryEvent, { kind: 'submit' }>

const GONE = new ConnectionError('gone')
const PACKET_BYTES = 10

class SceneServer {
  connection: GearmanConnection | undefined
  session: ClientSession | undefined
  readonly #created: string[] = []
  #link = new FakeLink()
  #answers = 0
  #connects = 0

  connect(): void {
    this.#connects += 1
    this.#answers = 0
    this.#created.length = 0
    this.#link = new FakeLink()
    this.session = new ClientSession(this.#link)
    this.connection = Object.create(GearmanConnection.prototype, {
      session: { value: this.session },
      server: { value: this.#link.server },
      connectCount: { value: this.#connects },
      connected: { value: true },
    }) as GearmanConnection
  }

  get unanswered(): number {
    return this.#link.sent.length - this.#answers
  }

  answer(isAccepted: boolean, handle: string): void {
    if (this.unanswered === 0) return
    const packet = this.#link.sent[this.#answers] ?? ''
    this.#answers += 1
    if (!isAccepted) {
      this.session?.onPacket(PacketType.ERROR, Buffer.from('QUEUE_ERROR\0full'))
      return
    }
    if (!packet.startsWith('SUBMIT_JOB_BG')) this.#created.push(handle)
    this.session?.onPacket(PacketType.JOB_CREATED, Buffer.from(handle))
  }

  end(kind: 'complete' | 'fail' | 'throw'): void {
    const handle = this.#created.shift()
    if (handle === undefined) return
    if (kind === 'fail') this.session?.onPacket(PacketType.WORK_FAIL, Buffer.from(handle))
    else {
      const type = kind === 'complete' ? PacketType.WORK_COMPLETE : PacketType.WORK_EXCEPTION
      this.session?.onPacket(type, Buffer.from(`${handle}\0done`))
    }
  }

  /** So many of those without an answer had left, the last one in part. */
  lose(left: number): void {
    const session = this.session
    this.connection = undefined
    this.session = undefined
    const count = Math.min(left, this.unanswered)
    const sent = (this.#answers + count) * PACKET_BYTES
    session?.lost(GONE, count === 0 ? sent : sent - PACKET_BYTES + 1)
  }
}

/** The client's own parts, from the call to the session, with servers that do as they are told. No socket. */
export class DeliveryScene {
  readonly servers: readonly SceneServer[] = Array.from(
    { length: SERVERS },
    () => new SceneServer(),
  )
  readonly requests: GearmanJobRequest[] = []
  readonly #calls: Seen['call'][] = []
  readonly #aborts: AbortController[] = []
  #looking: Looking[] = []
  readonly #factory = new RequestFactory()
  readonly #submitter: RequestSubmitter
  #handles = 0

  constructor() {
    const group = {
      hold: () => undefined,
      release: () => undefined,
      unavailable: () => new ServerUnavailable([]),
    } as unknown as ConnectionGroup<ClientSession>
    const encoder = new RawDataEncoder()
    this.#submitter = new RequestSubmitter({
      host: {
        establishRequestConnection: (request) => this.#choose(request),
        encoderFor: () => encoder,
      },
      group,
      factory: this.#factory,
      waiter: new RequestWaiter(group),
    })
  }

  get seen(): Seen[] {
    return this.requests.map(({ state, delivery, timedOut, connectionAttempts, error }, index) => ({
      ...{ state, delivery, timedOut, attempts: connectionAttempts },
      error: error?.name,
      call: this.#calls[index] ?? 'open',
    }))
  }

  apply(event: DeliveryEvent): void {
    switch (event.kind) {
      case 'submit':
        this.#submit(event)
        break
      case 'connect':
        this.#connect(this.#server(event.server))
        break
      case 'tried':
        for (const { found } of this.#take((isPatient) => !isPatient)) {
          found.reject(new ServerUnavailable([]))
        }
        break
      case 'accept':
      case 'refuse':
        this.#handles += 1
        this.#server(event.server).answer(event.kind === 'accept', `H:${this.#handles}`)
        break
      case 'complete':
      case 'fail':
      case 'throw':
        this.#server(event.server).end(event.kind)
        break
      case 'lose':
        this.#server(event.server).lose(event.left)
        break
      case 'tick':
        vi.advanceTimersByTime(event.ms)
        break
      case 'abort':
        this.#aborts[event.request]?.abort(new Error('enough'))
        break
    }
  }

  shutDown(): void {
    this.#submitter.shutDown()
    for (const server of this.servers) server.lose(server.unanswered)
    this.#submitter.abandonAll()
  }

  #server(index: number): SceneServer {
    return this.servers[index] as SceneServer
  }

  #submit({ maxRetries, isIdempotent, isBackground, pollTimeout }: Submit): void {
    const abort = new AbortController()
    const options = { maxRetries, idempotent: isIdempotent, background: isBackground }
    const request: GearmanJobRequest = this.#factory.create('task', 'data', options)
    const index = this.requests.push(request) - 1
    this.#calls.push('open')
    this.#aborts.push(abort)
    this.#submitter.submit([request], {}, resolveWait({ pollTimeout, signal: abort.signal })).then(
      () => {
        this.#calls[index] = 'resolved'
      },
      () => {
        this.#calls[index] = 'rejected'
      },
    )
  }

  #connect(server: SceneServer): void {
    if (server.connection !== undefined) return
    server.connect()
    const { connection } = server
    for (const { found } of this.#take(() => true)) found.resolve(connection as never)
  }

  #choose(request: GearmanJobRequest): GearmanConnection | Promise<GearmanConnection> {
    const up = this.servers.find(({ connection }) => connection !== undefined)
    if (up?.connection !== undefined) return up.connection
    const found = createDeferred<GearmanConnection>()
    this.#looking.push({ isPatient: request.progress.isPatient, found })
    return found.promise
  }

  #take(isMeant: (isPatient: boolean) => boolean): Looking[] {
    const taken = this.#looking.filter(({ isPatient }) => isMeant(isPatient))
    this.#looking = this.#looking.filter(({ isPatient }) => !isMeant(isPatient))
    return taken
  }
}
