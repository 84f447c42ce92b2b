import type { GearmanConnection } from '../../../src/connection/connection.ts'
import type { SessionLink } from '../../../src/connection/session.ts'
import { ConnectionError, type GearmanError, type ServerError } from '../../../src/errors.ts'
import { splitArguments } from '../../../src/protocol/arguments.ts'
import { HEADER_BYTES } from '../../../src/protocol/limits.ts'
import { encodePacket, type PacketArgument } from '../../../src/protocol/packet-encoder.ts'
import { type PacketName, PacketType, packetName } from '../../../src/protocol/packets.ts'
import { GrabClock } from '../../../src/worker/grab-clock.ts'
import { GrabCommand } from '../../../src/worker/grab-command.ts'
import type { JobAssignment } from '../../../src/worker/job-assignment.ts'
import type { JobPacket } from '../../../src/worker/job-packet.ts'
import { LaneSlots } from '../../../src/worker/lane-slots.ts'
import { Slots } from '../../../src/worker/slots.ts'
import { WorkerSession } from '../../../src/worker/worker-session.ts'
import type { Ability, WorkerSessionHost } from '../../../src/worker/worker-session-host.ts'

/** One packet that the server sends. */
export type FromServer = readonly [name: PacketName, ...args: PacketArgument[]]

/** A job that a session has handed over, and its end. */
export interface TestJob extends JobPacket {
  readonly isLate: boolean
  /** Sends the result and gives the slot back. */
  end(): void
}

export interface HarnessOptions {
  readonly slots?: Slots
  readonly tasks?: readonly (string | Ability)[]
  readonly clientId?: string
  readonly limit?: number
  /** The slots of a lane that has several sessions; left out: some of `slots` for this one alone. */
  readonly lane?: LaneSlots
  readonly isTimed?: boolean
  readonly command?: GrabCommand
}

/** A session on a link that only records, and a host whose jobs end when the test says so. */
export class SessionHarness implements WorkerSessionHost {
  readonly session: WorkerSession
  readonly slots: LaneSlots
  readonly clock: GrabClock
  readonly clientId: string | undefined
  readonly abilities: Ability[]
  readonly isTimed: boolean
  readonly maxJobsPerConnection: number
  readonly jobs: TestJob[] = []
  readonly refused: { readonly packet: JobPacket; readonly error: GearmanError }[] = []
  readonly serverErrors: ServerError[] = []
  readonly forgotten: JobAssignment[] = []
  isGrabbing = true
  readEnds = 0
  lost: GearmanError | undefined
  #sent: string[] = []

  constructor(options: HarnessOptions = {}) {
    const { slots = new Slots(1, 0), limit = Number.POSITIVE_INFINITY } = options
    this.slots = options.lane ?? new LaneSlots(slots, limit)
    this.clientId = options.clientId
    this.abilities = (options.tasks ?? ['reverse']).map((task) =>
      typeof task === 'string' ? { task, serverTimeoutMs: undefined } : task,
    )
    this.isTimed = options.isTimed ?? false
    this.maxJobsPerConnection = this.isTimed ? 1 : Number.POSITIVE_INFINITY
    this.clock = new GrabClock(() => [this.session])
    const connection = { server: 'test:4730' } as GearmanConnection<WorkerSession>
    this.session = new WorkerSession(
      this.#link(),
      connection,
      this,
      options.command ?? new GrabCommand(),
    )
    this.session.start()
  }

  /** What was sent since the last call: packet names, with their arguments if they have any. */
  sent(): string[] {
    const sent = this.#sent
    this.#sent = []
    return sent
  }

  /** One socket read. */
  receive(...packets: readonly FromServer[]): void {
    for (const [name, ...args] of packets) {
      const bytes = encodePacket('response', PacketType[name], args)
      this.session.onPacket(PacketType[name], bytes.subarray(HEADER_BYTES))
    }
    this.session.onReadEnd()
  }

  /** The connection is lost. */
  lose(): void {
    this.session.lost(new ConnectionError('lost'), 0)
  }

  /** Ends the oldest job that runs. */
  endJob(): void {
    const job = this.jobs.shift()
    if (job === undefined) throw new Error('no job runs')
    job.end()
  }

  onStarted(): void {}

  onJob(session: WorkerSession, packet: JobPacket, isLate: boolean): void {
    this.slots.beginRun()
    // Enough of an assignment for what a session looks at.
    const held = { task: packet.task, state: 'running', isFinal: false } as JobAssignment
    session.jobs.add(held)
    const end = (): void => {
      session.reportEnd(PacketType.WORK_COMPLETE, [packet.handle, ''])
      session.jobs.delete(held)
      this.slots.endRun()
      session.onJobEnd(held)
    }
    this.jobs.push({ ...packet, isLate, end })
  }

  onRefusedJob(_session: WorkerSession, packet: JobPacket, error: GearmanError): void {
    this.refused.push({ packet, error })
  }

  onForgotten(assignment: JobAssignment): void {
    this.forgotten.push(assignment)
  }

  onJobEnd(session: WorkerSession): void {
    session.refresh()
  }

  onReadEnd(): void {
    this.readEnds += 1
  }

  onServerError(_session: WorkerSession, error: ServerError): void {
    this.serverErrors.push(error)
  }

  onLost(_session: WorkerSession, error: GearmanError): void {
    this.lost = error
    this.slots.all.serve()
  }

  #link(): SessionLink {
    return {
      server: 'test:4730',
      position: 0,
      unsentBytes: 0,
      send: (type, args) => {
        const body = encodePacket('request', type, args).subarray(HEADER_BYTES)
        const texts = splitArguments(type, body).map(String)
        this.#sent.push([packetName(type), ...texts].join(' '))
      },
      sendBytes: () => undefined,
      fail: (error) => {
        throw error
      },
    }
  }
}

/** A session whose server has answered the ECHO; what it has sent until then is forgotten. */
export function readySession(options: HarnessOptions = {}): SessionHarness {
  const harness = new SessionHarness(options)
  harness.sent()
  harness.receive(['ECHO_RES', 'ping'])
  return harness
}

/** A job of the task `reverse`. */
export function job(handle: string, task = 'reverse'): FromServer {
  return ['JOB_ASSIGN_UNIQ', handle, task, '', 'data']
}
