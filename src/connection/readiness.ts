import { checkBoolean, checkDuration, show } from '../core/checks.ts'
import { createDeferred, type Deferred } from '../core/deferred.ts'
import { sleep } from '../core/sleep.ts'
import { InvalidArgumentError } from '../errors.ts'
import type { ConnectionObserver, GearmanConnection } from './connection.ts'
import { type ConnectionGroup, closedError, unavailableError } from './connection-group.ts'
import type { ConnectionStateEvent } from './connection-state.ts'
import type { Session } from './session.ts'

/** What `ready()` waits for, and for how long. */
export interface ReadyOptions {
  /** Wait for every server, not only for the first. Default `false`. */
  readonly all?: boolean | undefined
  /**
   * Milliseconds. A server that is down is waited for as long as this; without it the call gives up when each server
   * was tried, or with `all` when one was tried in vain.
   */
  readonly pollTimeout?: number | undefined
  /** Ends the wait; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** {@link ReadyOptions}, checked and complete. */
export interface ResolvedReadyOptions {
  readonly needsAll: boolean
  readonly isPatient: boolean
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

/**
 * Checks what `ready()` takes.
 *
 * @throws InvalidArgumentError naming the option that is wrong
 */
export function resolveReadyOptions(options: ReadyOptions = {}): ResolvedReadyOptions {
  if (typeof options !== 'object' || options === null) {
    throw new InvalidArgumentError('options', `must be an object, not ${show(options)}`)
  }
  const { all = false, pollTimeout, signal } = options
  checkBoolean('all', all)
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new InvalidArgumentError('signal', `must be an AbortSignal, not ${show(signal)}`)
  }
  return {
    needsAll: all,
    isPatient: pollTimeout !== undefined,
    timeoutMs: checkDuration('pollTimeout', pollTimeout),
    signal,
  }
}

/** Connections that are waited for together, of one group. */
export interface ReadyTarget {
  readonly group: ConnectionGroup
  /** Which of the group, as they are at any time. */
  readonly connections: () => readonly GearmanConnection[]
  /** Has them dialled, those too that are added later. */
  readonly open: () => unknown
}

/** All connections of a group. */
export function wholeGroup(group: ConnectionGroup): ReadyTarget {
  return { group, connections: () => group.connections, open: () => group.open() }
}

/**
 * Dials, and resolves when servers are ready: of each target one, or all. Keeps the process alive meanwhile.
 *
 * @param confirm - what has to succeed on top; when it rejects the wait begins anew
 * @throws ServerUnavailable when they are not, naming those that are missing and why
 * @throws ConnectionError when the connections are closed
 * @throws the reason of the signal
 */
export async function awaitReady(
  targets: readonly ReadyTarget[],
  options: ResolvedReadyOptions,
  confirm: () => Promise<void>,
): Promise<void> {
  const { signal, timeoutMs } = options
  signal?.throwIfAborted()
  const waits = targets.map((target) => new ReadyWait(target, options))
  const over = new AbortController()
  const limit = signal === undefined ? over.signal : AbortSignal.any([over.signal, signal])
  try {
    await Promise.race([untilConfirmed(waits, confirm, limit), expire(timeoutMs, limit)])
  } catch (error) {
    throw error === EXPIRED ? unavailableError(waits.flatMap((wait) => wait.missing())) : error
  } finally {
    over.abort()
    for (const wait of waits) wait.end()
  }
}

const EXPIRED = new Error('the time of ready() is up')

async function expire(timeoutMs: number, limit: AbortSignal): Promise<never> {
  await sleep(timeoutMs, { signal: limit })
  throw EXPIRED
}

async function untilConfirmed(
  waits: readonly ReadyWait[],
  confirm: () => Promise<void>,
  limit: AbortSignal,
): Promise<void> {
  for (;;) {
    await Promise.all(waits.map((wait) => wait.ready()))
    try {
      await confirm()
      return
    } catch (error) {
      // A connection was lost in between: its server counts again when it is back.
      if (limit.aborted) throw error
    }
  }
}

/** Watches the connections of one target. */
class ReadyWait implements ConnectionObserver<Session> {
  readonly #target: ReadyTarget
  readonly #options: ResolvedReadyOptions
  /** Those whose next attempt is still to end. */
  #untried = new Set<GearmanConnection>()
  #outcome: Deferred<void> | undefined

  constructor(target: ReadyTarget, options: ResolvedReadyOptions) {
    this.#target = target
    this.#options = options
    target.group.hold()
    target.group.watch(this)
  }

  /** Dials, and settles as soon as it is certain. */
  ready(): Promise<void> {
    this.#target.open()
    this.#untried = new Set(this.#target.connections().filter((connection) => connection.dial()))
    const outcome = createDeferred<void>()
    outcome.promise.catch(() => undefined) // The wait may be over by then.
    this.#outcome = outcome
    this.#check()
    return outcome.promise
  }

  /** The connections that are not ready. */
  missing(): readonly GearmanConnection[] {
    return this.#target.connections().filter(({ connected }) => !connected)
  }

  /** Ends the wait. */
  end(): void {
    this.#target.group.unwatch(this)
    this.#target.group.release()
  }

  onState(connection: GearmanConnection, event: ConnectionStateEvent): void {
    if (event.to === 'failed') this.#untried.delete(connection)
    this.#check()
  }

  #check(): void {
    const { group, connections } = this.#target
    const missing = this.missing()
    const { needsAll, isPatient } = this.#options
    if (group.isClosed) this.#outcome?.reject(closedError())
    else if (missing.length === 0 || (!needsAll && missing.length < connections().length)) {
      this.#outcome?.resolve()
    } else if (!isPatient && this.#isInVain(missing)) {
      this.#outcome?.reject(unavailableError(missing))
    }
  }

  #isInVain(missing: readonly GearmanConnection[]): boolean {
    return this.#options.needsAll
      ? !missing.every((connection) => this.#untried.has(connection))
      : this.#untried.size === 0
  }
}
