import type { GearmanError, ServerError } from '../errors.ts'
import type { GrabClock } from './grab-clock.ts'
import type { JobAssignment } from './job-assignment.ts'
import type { JobPacket } from './job-packet.ts'
import type { LaneSlots } from './lane-slots.ts'
import type { WorkerSession } from './worker-session.ts'

/** A task as the server is told of it. */
export interface Ability {
  readonly task: string
  /** Given: CAN_DO_TIMEOUT with these milliseconds. */
  readonly serverTimeoutMs: number | undefined
}

/** What a session needs of the lane that it belongs to. */
export interface WorkerSessionHost {
  readonly slots: LaneSlots
  readonly clock: GrabClock
  /** The id to register with. */
  readonly clientId: string | undefined
  /** The tasks to register. */
  readonly abilities: Iterable<Ability>
  /** Whether jobs are wanted now. */
  readonly isGrabbing: boolean
  /** How many jobs one connection may hold. */
  readonly maxJobsPerConnection: number
  /** Whether the server has a timer on the jobs of this lane. */
  readonly isTimed: boolean
  onStarted(session: WorkerSession): void
  onJob(session: WorkerSession, packet: JobPacket, isLate: boolean): void
  onRefusedJob(session: WorkerSession, packet: JobPacket, error: GearmanError): void
  onForgotten(assignment: JobAssignment): void
  onJobEnd(session: WorkerSession): void
  onReadEnd(): void
  onServerError(session: WorkerSession, error: ServerError): void
  onLost(session: WorkerSession, error: GearmanError): void
}
