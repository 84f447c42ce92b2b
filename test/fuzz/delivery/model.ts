import type { DeliveryEvent } from './events.ts'
import { SERVERS } from './events.ts'

/** What a caller sees of one request. */
export interface Seen {
  readonly state: string
  readonly delivery: string
  readonly timedOut: boolean
  readonly attempts: number
  /** The class of `request.error`. */
  readonly error: string | undefined
  /** What the promise of the call has done. */
  readonly call: 'open' | 'resolved' | 'rejected'
}

type Submit = Extract<DeliveryEvent, { kind: 'submit' }>

/** The rules of the README's table, written down once more, without sessions, packets and promises. */
class ModelRequest {
  /** Waiting for a server, with one and not answered, accepted, or neither of these any more. */
  where: 'looking' | 'sent' | 'accepted' | 'over' = 'looking'
  state = 'UNKNOWN'
  delivery = 'not-sent'
  /** What is known of sendings whose connection was lost. */
  known = 'not-sent'
  timedOut = false
  attempts = 0
  error: string | undefined
  call: Seen['call'] = 'open'
  /** The call ended before the job did: nothing is sent any more. */
  isLeft = false
  readonly rules: Submit
  readonly deadline: number

  constructor(rules: Submit, now: number) {
    this.rules = rules
    this.deadline =
      rules.pollTimeout === undefined ? Number.POSITIVE_INFINITY : now + rules.pollTimeout
  }

  get seen(): Seen {
    const { state, delivery, timedOut, attempts, error, call } = this
    return { state, delivery, timedOut, attempts, error, call }
  }

  end(state: string, error?: string): void {
    this.where = 'over'
    this.state = state
    this.error = error
    if (this.call === 'open') this.call = 'resolved'
  }

  /** Nothing was sent this time. */
  giveUp(error: string | undefined): void {
    this.delivery = this.known
    this.end('UNKNOWN', error !== undefined && this.known !== 'not-sent' ? 'JobLostError' : error)
  }
}

interface ModelServer {
  isUp: boolean
  /** Not answered, in order. */
  readonly queue: ModelRequest[]
  /** Foreground jobs that were accepted, in order. */
  readonly jobs: ModelRequest[]
}

/** A client, as it should be. */
export class DeliveryModel {
  readonly requests: ModelRequest[] = []
  readonly servers: readonly ModelServer[] = Array.from({ length: SERVERS }, () => ({
    isUp: false,
    queue: [],
    jobs: [],
  }))
  #lookers: ModelRequest[] = []
  #now = 0
  #isShutDown = false

  apply(event: DeliveryEvent): void {
    switch (event.kind) {
      case 'submit': {
        const request = new ModelRequest(event, this.#now)
        this.requests.push(request)
        this.#look(request)
        break
      }
      case 'connect':
        this.#connect(this.#server(event.server))
        break
      case 'tried':
        for (const request of this.#looking()) {
          if (request.rules.pollTimeout === undefined) request.giveUp('ServerUnavailable')
        }
        break
      case 'accept':
      case 'refuse':
        this.#answer(this.#server(event.server), event.kind === 'accept')
        break
      case 'complete':
      case 'fail':
      case 'throw':
        this.#server(event.server)
          .jobs.shift()
          ?.end(event.kind === 'complete' ? 'COMPLETE' : 'FAILED')
        break
      case 'lose':
        this.#lose(this.#server(event.server), event.left)
        break
      case 'tick':
        this.#now += event.ms
        for (const request of this.requests) this.#passDeadline(request)
        break
      case 'abort':
        this.#abort(this.requests[event.request])
        break
    }
  }

  /** The client is shut down; all that was queued is written. */
  shutDown(): void {
    this.#isShutDown = true
    for (const server of this.servers) if (server.isUp) this.#lose(server, server.queue.length)
    for (const request of this.#looking()) request.giveUp('ConnectionError')
  }

  #server(index: number): ModelServer {
    return this.servers[index] as ModelServer
  }

  /** Those without a server, in the order in which they came to be so. */
  #looking(): ModelRequest[] {
    this.#lookers = this.#lookers.filter(({ where }) => where === 'looking')
    return [...this.#lookers]
  }

  #connect(server: ModelServer): void {
    if (server.isUp) return
    server.isUp = true
    for (const request of this.#looking()) this.#look(request)
  }

  /** The first server that is up gets it. */
  #look(request: ModelRequest): void {
    const server = this.servers.find(({ isUp }) => isUp)
    request.where = 'looking'
    if (server === undefined) {
      if (!this.#looking().includes(request)) this.#lookers.push(request)
      return
    }
    request.where = 'sent'
    request.state = 'PENDING'
    request.delivery = request.known === 'accepted' ? 'accepted' : 'unknown'
    request.attempts += 1
    server.queue.push(request)
  }

  #answer(server: ModelServer, isAccepted: boolean): void {
    const request = server.queue.shift()
    if (request === undefined) return
    if (!isAccepted) {
      request.delivery = request.known
      request.end('FAILED', 'ServerError')
      return
    }
    request.delivery = 'accepted'
    if (request.rules.isBackground) {
      request.end('CREATED')
      return
    }
    request.where = 'accepted'
    request.state = 'CREATED'
    request.error = undefined
    server.jobs.push(request)
  }

  #lose(server: ModelServer, left: number): void {
    server.isUp = false
    const queue = server.queue.splice(0)
    const jobs = server.jobs.splice(0)
    for (const [index, request] of queue.entries()) {
      if (index < left) this.#loseSent(request, 'unknown')
      else this.#loseUnsent(request)
    }
    for (const request of jobs) this.#loseSent(request, 'accepted')
  }

  #loseUnsent(request: ModelRequest): void {
    request.state = 'UNKNOWN'
    request.delivery = request.known
    request.attempts -= 1
    if (this.#isShutDown || request.isLeft) request.giveUp('ConnectionError')
    else this.#look(request)
  }

  #loseSent(request: ModelRequest, how: 'unknown' | 'accepted'): void {
    const { isIdempotent, maxRetries } = request.rules
    request.state = 'UNKNOWN'
    if (request.known !== 'accepted') request.known = how
    request.delivery = request.known
    const isOver = this.#isShutDown || request.isLeft
    const mayRetry = how === 'unknown' && request.attempts <= maxRetries
    if (isOver) request.end('UNKNOWN')
    else if (isIdempotent || mayRetry) this.#look(request)
    else {
      const isExceeded = how === 'unknown' && maxRetries > 0
      request.end('UNKNOWN', isExceeded ? 'ExceededConnectionAttempts' : undefined)
    }
  }

  #passDeadline(request: ModelRequest): void {
    if (request.call !== 'open' || this.#now < request.deadline) return
    if (request.where === 'looking') {
      request.giveUp('ServerUnavailable')
      return
    }
    request.timedOut = true
    request.isLeft = true
    request.call = 'resolved'
  }

  #abort(request: ModelRequest | undefined): void {
    if (request === undefined || request.call !== 'open') return
    request.call = 'rejected'
    if (request.where === 'looking') request.giveUp(undefined)
    else request.isLeft = true
  }
}
