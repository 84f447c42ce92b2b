import { PatientTimer } from '../core/patient-timer.ts'
import { ConnectionError } from '../errors.ts'

/** What a heartbeat watches and does. */
export interface HeartbeatOptions {
  /** Milliseconds without a byte after which the peer is asked; `Infinity` turns the heartbeat off. */
  readonly idleMs: number
  /** Milliseconds within which it must answer, or send anything else; `Infinity` turns the heartbeat off. */
  readonly deadlineMs: number
  /** The server, for the error. */
  readonly server: string
  /** When bytes last came in or went through, on the clock of `performance.now()`. */
  readonly lastActivityMs: () => number
  /** Sends ECHO_REQ. */
  readonly ping: () => Promise<void>
  /** It was answered so many milliseconds later. */
  readonly onRoundTrip: (roundTripMs: number) => void
  /** The peer is silent. */
  readonly onSilent: (error: ConnectionError) => void
}

/**
 * Finds peers that are gone without a word: a pulled cable, a firewall that forgot the connection, a
 * stopped process, which still accepts TCP. One timer per connection, re-armed only when it fires; it
 * never keeps the process alive.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions
  #timer: NodeJS.Timeout | undefined
  #limit: PatientTimer | undefined

  constructor(options: HeartbeatOptions) {
    this.#options = options
    const { idleMs, deadlineMs } = options
    if (Number.isFinite(idleMs) && Number.isFinite(deadlineMs)) this.#arm(idleMs)
  }

  /** Ends it. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#limit?.stop()
    this.#timer = undefined
    this.#limit = undefined
  }

  #arm(delayMs: number): void {
    this.#timer = setTimeout(() => this.#check(), Math.max(1, Math.ceil(delayMs)))
    this.#timer.unref()
  }

  #check(): void {
    const { idleMs, lastActivityMs, ping, onRoundTrip } = this.#options
    const quietMs = performance.now() - lastActivityMs()
    if (quietMs < idleMs) {
      this.#arm(idleMs - quietMs)
      return
    }
    const askedAtMs = performance.now()
    ping().then(
      () => onRoundTrip(performance.now() - askedAtMs),
      // The connection is lost, which others report.
      () => undefined,
    )
    this.#awaitLife(askedAtMs)
  }

  #awaitLife(askedAtMs: number): void {
    const onEnd = (): void => this.#judge(askedAtMs)
    this.#limit = new PatientTimer(this.#options.deadlineMs, onEnd, { unref: true })
  }

  #judge(askedAtMs: number): void {
    const { deadlineMs, idleMs, lastActivityMs, server, onSilent } = this.#options
    if (lastActivityMs() > askedAtMs) this.#arm(idleMs)
    else
      onSilent(
        new ConnectionError(`${server} did not answer ECHO within ${deadlineMs} ms`, { server }),
      )
  }
}
