import { constants } from 'node:os'
import { InvalidArgumentError } from '../errors.ts'
import { checkDuration, show } from './checks.ts'
import { createDeferred } from './deferred.ts'
import { createLog } from './log.ts'

const log = createLog('worker')

/** What {@link stopOnSignals} can end: workers, clients, managers, servers, and what of yours has these methods. */
export interface Stoppable {
  /** Closes it now. */
  [Symbol.asyncDispose](): PromiseLike<void>
  /** Takes nothing new and lets what runs end, within so many milliseconds. */
  stop?(options?: { readonly timeout?: number | undefined }): Promise<unknown>
}

/** What {@link stopOnSignals} takes. */
export interface StopOnSignalsOptions {
  /**
   * Milliseconds that jobs have to end, from the signal on; then their own signals are aborted and their servers give
   * them to other workers. Default: no limit.
   */
  readonly timeout?: number | undefined
  /** The signals. Default `SIGTERM` and `SIGINT`. */
  readonly signals?: readonly NodeJS.Signals[] | undefined
}

/** The handling of signals that {@link stopOnSignals} has begun. */
export interface SignalStop {
  /**
   * Resolves with the signal when one came and everything is closed; never, when none comes. Rejects with what a part
   * threw at its end, after all others were closed as well. Nobody need look at it.
   */
  readonly stopped: Promise<NodeJS.Signals>
  /** Takes the handlers away: signals do what they did before. */
  off(): void
}

const DEFAULT_SIGNALS: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT']

/**
 * Ends a program in good order at SIGTERM and SIGINT. All workers stop first, at the same time: they take no more jobs,
 * and those that run end. Then every part is closed, in the order in which they are given, so that jobs can use the clients
 * behind their worker to the last. The process then exits by itself, with code 0, unless something else keeps it.
 *
 * A second signal ends the process at once, as it would without this.
 *
 * @param parts - workers, clients, admin clients, managers, servers; one, or several
 * @throws InvalidArgumentError for anything else, a timeout or a signal that is none
 */
export function stopOnSignals(
  parts: Stoppable | readonly Stoppable[],
  options: StopOnSignalsOptions = {},
): SignalStop {
  const all = checkParts(isList(parts) ? parts : [parts])
  const { timeout, signals } = checkOptions(options)
  const stopped = createDeferred<NodeJS.Signals>()
  stopped.promise.catch(() => undefined)
  const off = (): void => {
    for (const signal of signals) process.off(signal, onSignal)
  }
  const onSignal = (signal: NodeJS.Signals): void => {
    off()
    log('stopping at %s', signal)
    endAll(all, timeout).then(
      () => stopped.resolve(signal),
      (error: unknown) => {
        log('not everything could be closed: %O', error)
        stopped.reject(error)
      },
    )
  }
  for (const signal of signals) process.on(signal, onSignal)
  return { stopped: stopped.promise, off }
}

/** Ends everything, whatever fails meanwhile; the first failure is told at the end. */
async function endAll(parts: readonly Stoppable[], timeout: number | undefined): Promise<void> {
  const outcomes = await Promise.allSettled(
    parts.map(async (part) => await part.stop?.({ timeout })),
  )
  for (const part of parts) {
    outcomes.push(...(await Promise.allSettled([closePart(part)])))
  }
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}

/** In a function of its own, so that what is thrown at once is a rejection as well. */
async function closePart(part: Stoppable): Promise<void> {
  await part[Symbol.asyncDispose]()
}

function isList(parts: Stoppable | readonly Stoppable[]): parts is readonly Stoppable[] {
  return Array.isArray(parts)
}

function checkParts(parts: readonly Stoppable[]): readonly Stoppable[] {
  for (const part of parts) {
    const isPart = typeof part === 'object' && part !== null && Symbol.asyncDispose in part
    if (isPart) continue
    const problem = `must be workers, clients, managers or servers, not ${show(part)}`
    throw new InvalidArgumentError('parts', problem)
  }
  return [...parts]
}

function checkOptions(options: StopOnSignalsOptions): {
  readonly timeout: number | undefined
  readonly signals: readonly NodeJS.Signals[]
} {
  if (typeof options !== 'object' || options === null) {
    throw new InvalidArgumentError('options', `must be an object, not ${show(options)}`)
  }
  const { timeout, signals = DEFAULT_SIGNALS } = options
  checkDuration('timeout', timeout)
  if (!Array.isArray(signals)) {
    throw new InvalidArgumentError('signals', `must be a list, not ${show(signals)}`)
  }
  for (const signal of signals) {
    if (!Object.hasOwn(constants.signals, signal) || signal === 'SIGKILL' || signal === 'SIGSTOP') {
      throw new InvalidArgumentError('signals', `must be signals to handle, not ${show(signal)}`)
    }
  }
  return { timeout, signals: [...signals] }
}
