import { checkBoolean, show } from '../core/checks.ts'
import { InvalidArgumentError } from '../errors.ts'
import { PRIORITY_NONE } from '../jobs/constants.ts'
import { GearmanJob } from '../jobs/gearman-job.ts'
import { checkName, checkTask, checkUnique } from '../jobs/job-checks.ts'
import { checkOptions, type JobOptions, resolveAttempts } from './client-options.ts'
import { GearmanJobRequest, type JobRequestExtras } from './job-request.ts'
import { RandomUniques } from './random-uniques.ts'
import { submitType } from './submit-packet.ts'

const MAX_REDUCER_BYTES = 63
/** gearmand reads the time as a signed 64-bit number and stores 32 bits of it in most of its queues. */
const MAX_EPOCH_SECONDS = 2 ** 32 - 1

/** What holds for the jobs of a batch that do not say otherwise. */
export type BatchDefaults = Pick<JobOptions, 'background' | 'maxRetries'>

const NO_DEFAULTS: BatchDefaults = {}

/** Makes requests out of what callers say, checked: nothing of a batch is sent if one job of it is wrong. */
export class RequestFactory {
  readonly #uniques = new RandomUniques()

  /**
   * A new request.
   *
   * @throws InvalidArgumentError naming the argument or option that is wrong
   */
  create<Data, Result, Update>(
    task: string,
    data: Data,
    options: JobOptions,
    defaults: BatchDefaults = NO_DEFAULTS,
  ): GearmanJobRequest<Data, Result, Update> {
    checkOptions(options)
    const { unique, priority = PRIORITY_NONE, maxRetries = defaults.maxRetries } = options
    const extras = readExtras(options)
    const background = readBackground(options, defaults)
    const randomUnique = unique === undefined ? this.#uniques.next() : undefined
    const id = unique === undefined ? randomUnique : unique
    const job = new GearmanJob<Data>(undefined, undefined, task, id, data)
    const attempts = resolveAttempts(maxRetries)
    const request = new GearmanJobRequest<Data, Result, Update>(
      job,
      priority,
      background,
      attempts,
      extras,
    )
    request.randomUnique = randomUnique
    return request
  }

  /**
   * Checks a request, made here or by the caller, that is about to be sent.
   *
   * @throws InvalidArgumentError naming what is wrong
   */
  complete(request: GearmanJobRequest): void {
    checkTask(request.gearmanJob.task)
    checkPacket(request)
    const { unique } = request.gearmanJob
    if (unique === undefined) {
      request.randomUnique = this.#uniques.next()
      request.gearmanJob.unique = request.randomUnique
    } else if (unique !== request.randomUnique) {
      checkUnique(unique)
    }
  }
}

/**
 * Checks a request that the caller may have made without a client.
 *
 * @throws InvalidArgumentError naming what is wrong
 */
function checkRequest(request: unknown): asserts request is GearmanJobRequest {
  if (!(request instanceof GearmanJobRequest)) {
    throw new InvalidArgumentError('request', `must be a GearmanJobRequest, not ${show(request)}`)
  }
}

/**
 * Checks the requests of a call.
 *
 * @throws InvalidArgumentError when they are no iterable of requests
 */
export function checkRequests<Request extends GearmanJobRequest>(
  requests: Iterable<Request>,
): Request[] {
  const list = listOf('requests', requests)
  for (const request of list) checkRequest(request)
  return list
}

/**
 * What an iterable holds; a string counts as none.
 *
 * @throws InvalidArgumentError for anything else
 */
export function listOf<T>(name: string, items: Iterable<T>): T[] {
  const isIterable = typeof items === 'object' && items !== null && Symbol.iterator in items
  if (isIterable) return [...items]
  throw new InvalidArgumentError(name, `must be an array or another iterable, not ${show(items)}`)
}

/** The priority must exist, and neither a delayed nor a reduce job has a packet with one. */
function checkPacket(request: GearmanJobRequest): void {
  const { runAtEpochSeconds, reducer } = request.extras
  const hasPriority = request.priority !== PRIORITY_NONE && request.priority !== undefined
  if (hasPriority && (runAtEpochSeconds !== undefined || reducer !== undefined)) {
    throw new InvalidArgumentError('priority', 'cannot be combined with runAt or reducer')
  }
  submitType(request)
}

const NO_EXTRAS: JobRequestExtras = {}

function readExtras(options: JobOptions): JobRequestExtras {
  const { runAt, reducer, idempotent } = options
  if (idempotent !== undefined) checkBoolean('idempotent', idempotent)
  if (runAt === undefined && reducer === undefined && idempotent === undefined) return NO_EXTRAS
  if (runAt !== undefined && reducer !== undefined) {
    throw new InvalidArgumentError('reducer', 'cannot be combined with runAt')
  }
  return {
    runAtEpochSeconds: runAt === undefined ? undefined : toEpochSeconds(runAt),
    reducer:
      reducer === undefined ? undefined : checkName('reducer', reducer, 1, MAX_REDUCER_BYTES),
    idempotent,
  }
}

function readBackground(options: JobOptions, defaults: BatchDefaults): boolean {
  const { background = defaults.background, runAt } = options
  if (background !== undefined) checkBoolean('background', background)
  if (runAt === undefined) return background ?? false
  if (background === false) {
    throw new InvalidArgumentError('background', 'cannot be false together with runAt')
  }
  return true
}

function toEpochSeconds(runAt: Date | number): number {
  const epochMs = runAt instanceof Date ? runAt.getTime() : runAt
  const isTime = typeof epochMs === 'number' && epochMs >= 0
  const seconds = isTime ? Math.ceil(epochMs / 1000) : Number.NaN
  if (!(seconds <= MAX_EPOCH_SECONDS)) {
    throw new InvalidArgumentError(
      'runAt',
      `must be a Date or milliseconds since 1970, before the year 2106, not ${show(runAt)}`,
    )
  }
  return seconds
}
