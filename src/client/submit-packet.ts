import { show } from '../core/checks.ts'
import { InvalidArgumentError } from '../errors.ts'
import { JOB_UNKNOWN, PRIORITY_HIGH, PRIORITY_LOW } from '../jobs/constants.ts'
import type { PacketArgument } from '../protocol/packet-encoder.ts'
import { PacketType } from '../protocol/packets.ts'
import type { GearmanJobRequest } from './job-request.ts'

/**
 * The SUBMIT_* packet of a request.
 *
 * @throws InvalidArgumentError for a priority that does not exist
 */
export function submitType(request: GearmanJobRequest): number {
  const { priority, background, extras } = request
  if (extras.runAtEpochSeconds !== undefined) return PacketType.SUBMIT_JOB_EPOCH
  if (extras.reducer !== undefined) {
    return background ? PacketType.SUBMIT_REDUCE_JOB_BACKGROUND : PacketType.SUBMIT_REDUCE_JOB
  }
  switch (priority) {
    case null:
    case undefined:
      return background ? PacketType.SUBMIT_JOB_BG : PacketType.SUBMIT_JOB
    case PRIORITY_HIGH:
      return background ? PacketType.SUBMIT_JOB_HIGH_BG : PacketType.SUBMIT_JOB_HIGH
    case PRIORITY_LOW:
      return background ? PacketType.SUBMIT_JOB_LOW_BG : PacketType.SUBMIT_JOB_LOW
    default:
      throw new InvalidArgumentError(
        'priority',
        `must be PRIORITY_NONE, PRIORITY_LOW or PRIORITY_HIGH, not ${show(priority)}`,
      )
  }
}

/** The arguments of that packet. */
export function submitArguments(
  request: GearmanJobRequest,
  payload: Uint8Array,
): readonly PacketArgument[] {
  const { task, unique = '' } = request.gearmanJob
  const { runAtEpochSeconds, reducer } = request.extras
  if (runAtEpochSeconds !== undefined) return [task, unique, String(runAtEpochSeconds), payload]
  // gearmand reads a fourth argument, which it ignores; the document does not know it.
  if (reducer !== undefined) return [task, unique, reducer, '', payload]
  return [task, unique, payload]
}

/** Whether a request has to be sent: it was never, or it was lost. */
export function needsSubmission(request: GearmanJobRequest): boolean {
  return request.state === JOB_UNKNOWN && !request.progress.isSubmitting
}
