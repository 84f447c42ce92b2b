import {
  ExceededConnectionAttempts,
  type GearmanJobRequest,
  JOB_COMPLETE,
  JOB_CREATED,
  JOB_FAILED,
  JOB_PENDING,
  JOB_UNKNOWN,
  ServerUnavailable,
} from 'gearman-sdk'

/** The clock of timers may be a little behind that of `performance.now()`. */
const TIMER_SLACK_MS = 20

/** How a call was made. */
export interface CallToJudge {
  /** What the worker returns for it; `undefined`: it throws. */
  readonly expected: string | undefined
  readonly maxRetries: number
  readonly isIdempotent: boolean
  readonly deadlineMs: number
}

/** What became of a request. */
export type Verdict =
  /** Its outcome is right; `name` tells which. */
  | { readonly isRight: true; readonly name: string }
  | { readonly isRight: false; readonly problem: string }

type Request = Pick<
  GearmanJobRequest,
  'state' | 'result' | 'exception' | 'error' | 'delivery' | 'timedOut' | 'background'
>

/** Whether what a request tells can be, after so many milliseconds. */
export function judge(request: Request, call: CallToJudge, elapsedMs: number): Verdict {
  const isOver = elapsedMs >= call.deadlineMs - TIMER_SLACK_MS
  if (request.timedOut) {
    return isOver
      ? right(`timed out ${request.state}`)
      : wrong(request, `timed out after ${elapsedMs} ms of ${call.deadlineMs}`)
  }
  switch (request.state) {
    case JOB_COMPLETE:
      return judgeResult(request, call)
    case JOB_FAILED:
      return judgeFailure(request, call)
    case JOB_CREATED:
      return request.background && request.error === undefined && request.delivery === 'accepted'
        ? right('accepted')
        : wrong(request, 'not settled')
    case JOB_PENDING:
      return wrong(request, 'not settled')
    case JOB_UNKNOWN:
      return judgeLoss(request, call, isOver)
  }
}

function judgeResult(request: Request, { expected }: CallToJudge): Verdict {
  const isExpected = String(request.result) === expected && request.error === undefined
  return isExpected ? right('complete') : wrong(request, `the result is not ${expected}`)
}

function judgeFailure(request: Request, { expected }: CallToJudge): Verdict {
  const isMeant = expected === undefined && String(request.exception) === 'RangeError: on purpose'
  return isMeant ? right('failed on purpose') : wrong(request, 'failed')
}

function judgeLoss(request: Request, call: CallToJudge, isOver: boolean): Verdict {
  const { delivery, error } = request
  if (delivery === 'not-sent') {
    if (!(error instanceof ServerUnavailable)) return wrong(request, 'not sent, and no reason')
    return isOver ? right('no server in time') : wrong(request, 'given up too early')
  }
  if (isOver) return right(`lost (${delivery}) at the deadline`)
  if (call.isIdempotent) return wrong(request, 'idempotent, and given up')
  if (delivery === 'unknown' && call.maxRetries > 0) {
    return error instanceof ExceededConnectionAttempts
      ? right('lost more often than maxRetries')
      : wrong(request, 'unknown, and not sent again')
  }
  return right(`lost (${delivery})`)
}

function right(name: string): Verdict {
  return { isRight: true, name }
}

function wrong(request: Request, problem: string): Verdict {
  const { state, delivery, result, exception, error } = request
  const facts = { state, delivery, result: String(result), exception: String(exception) }
  return { isRight: false, problem: `${problem}: ${JSON.stringify(facts)} ${error}` }
}
