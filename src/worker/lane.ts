import type { GearmanConnection } from '../connection/connection.ts'
import type { ConnectionGroup } from '../connection/connection-group.ts'
import type { ServerPool } from '../connection/server-pool.ts'
import { createLog } from '../core/log.ts'
import type { TypedEmitter } from '../core/typed-emitter.ts'
import { ConnectionError, type GearmanError, type ServerError } from '../errors.ts'
import type { GrabClock } from './grab-clock.ts'
import { GrabCommand } from './grab-command.ts'
import type { JobAssignment } from './job-assignment.ts'
import type { JobPacket } from './job-packet.ts'
import type { JobRunner } from './job-runner.ts'
import type { LaneSlots } from './lane-slots.ts'
import type { Slots } from './slots.ts'
import type { WorkerEvents } from './worker-events.ts'
import { WorkerSession } from './worker-session.ts'
import type { Ability, WorkerSessionHost } from './worker-session-host.ts'

const log = createLog('worker')

/** What all lanes of a worker share. */
export interface LaneContext {
  readonly pool: ServerPool
  readonly slots: Slots
  readonly clock: GrabClock
  readonly runner: JobRunner
  readonly events: TypedEmitter<WorkerEvents>
  /** The id to register with. */
  readonly clientId: () => string | undefined
  /** A socket read has brought something. */
  readonly onReadEnd: () => void
}

/** What makes a lane. */
export interface LaneOptions {
  /** Its tasks, looked up at each connect. */
  readonly abilities: () => Iterable<Ability>
  /** How many of its jobs may be held at once; those of an earlier lane may count as well. */
  readonly slots: LaneSlots
  /** Whether the server has a timer on its jobs: one per connection, so one job at a time (design 3.1). */
  readonly isTimed: boolean
}

/**
 * Connections of one kind, one to each server: the tasks without limits of their own share a lane, each other
 * task has one to itself, because a grab cannot name the task that it wants (design 3.1).
 */
export class Lane implements WorkerSessionHost {
  /** Its slots. */
  readonly slots: LaneSlots
  /** Its connections. */
  readonly group: ConnectionGroup<WorkerSession>
  /** Its open connections' protocol states. */
  readonly sessions: Set<WorkerSession> = new Set()
  /** See {@link LaneOptions.isTimed}. */
  readonly isTimed: boolean
  readonly #context: LaneContext
  readonly #options: LaneOptions
  readonly #commands = new WeakMap<GearmanConnection<WorkerSession>, GrabCommand>()
  #isGrabbing = false
  #isRetired = false

  constructor(context: LaneContext, options: LaneOptions) {
    this.#context = context
    this.#options = options
    this.isTimed = options.isTimed
    this.slots = options.slots
    this.group = context.pool.createGroup<WorkerSession>({
      name: 'worker',
      createSession: (link, connection) =>
        new WorkerSession(link, connection, this, this.#commandOf(connection)),
    })
  }

  get clock(): GrabClock {
    return this.#context.clock
  }

  get clientId(): string | undefined {
    return this.#context.clientId()
  }

  get abilities(): Iterable<Ability> {
    return this.#options.abilities()
  }

  get isGrabbing(): boolean {
    return this.#isGrabbing
  }

  get maxJobsPerConnection(): number {
    return this.isTimed ? 1 : Number.POSITIVE_INFINITY
  }

  /**
   * Resolves when servers have read what was registered: one of those that are ready, or all.
   *
   * Rejects when the connection to one, or with one the connections to all, were lost before.
   */
  async registered(needsAll: boolean): Promise<void> {
    const { connections, ready } = this.group
    // An answer to an ECHO that came behind the registrations, not the one in front of them.
    const answers = (needsAll ? connections : ready).map(async ({ session, server }) => {
      if (session === undefined) throw new ConnectionError(`${server} is lost`, { server })
      await session.ping()
    })
    await (needsAll ? Promise.all(answers) : Promise.any(answers))
  }

  /** Another limit on its jobs from now on. */
  setLimit(limit: number): void {
    this.slots.setLimit(limit)
    for (const session of this.sessions) session.refresh()
  }

  /** Dials all servers, keeps the process alive, and takes jobs. */
  open(): void {
    if (this.#isGrabbing || this.#isRetired) return
    this.#isGrabbing = true
    this.group.hold()
    this.group.open()
    for (const session of this.sessions) session.refresh()
  }

  /**
   * Takes no job any more, lets those that run end, and closes each connection when none of its jobs runs:
   * those that had not started return to the server with that.
   */
  async retire(): Promise<void> {
    this.#isGrabbing = false
    this.#isRetired = true
    for (const session of this.sessions) forgetWaiting(session)
    await Promise.all(this.group.connections.map((connection) => closeWhenIdle(connection)))
    await this.#remove()
  }

  /** Closes everything now; what runs is told why. Resolves when the sockets are gone. */
  close(reason: GearmanError): Promise<void> {
    this.#isGrabbing = false
    this.#isRetired = true
    for (const session of this.sessions) this.#abandon(session, reason)
    return this.#remove()
  }

  onStarted(session: WorkerSession): void {
    this.sessions.add(session)
  }

  onJob(session: WorkerSession, packet: JobPacket, isLate: boolean): void {
    if (this.#isGrabbing) this.#context.runner.assign(session, packet, isLate)
    else log('%s of %s is left to its server', packet.handle, session.connection.server)
  }

  onRefusedJob(session: WorkerSession, packet: JobPacket, error: GearmanError): void {
    this.#context.runner.refuse(session, packet, error)
  }

  onForgotten(assignment: JobAssignment): void {
    this.#context.runner.drop(assignment)
  }

  onJobEnd(session: WorkerSession): void {
    session.refresh()
  }

  onReadEnd(): void {
    this.#context.onReadEnd()
  }

  onServerError(session: WorkerSession, error: ServerError): void {
    const { server } = session.connection
    log('%s: %s', server, error.message)
    this.#context.events.emit('serverError', { server, error })
  }

  onLost(session: WorkerSession, error: GearmanError): void {
    this.sessions.delete(session)
    this.#abandon(session, error)
    this.slots.all.serve()
  }

  #remove(): Promise<void> {
    this.#context.pool.removeGroup(this.group)
    return this.group.whenClosed()
  }

  #abandon(session: WorkerSession, reason: GearmanError): void {
    for (const assignment of session.jobs) this.#context.runner.abandon(assignment, reason)
  }

  #commandOf(connection: GearmanConnection<WorkerSession>): GrabCommand {
    const known = this.#commands.get(connection)
    if (known !== undefined) return known
    const command = new GrabCommand()
    this.#commands.set(connection, command)
    return command
  }
}

function forgetWaiting(session: WorkerSession): void {
  for (const assignment of session.jobs) {
    if (assignment.state === 'waiting') session.forget(assignment)
  }
}

async function closeWhenIdle(connection: GearmanConnection<WorkerSession>): Promise<void> {
  const { session } = connection
  connection.drain()
  if (session !== undefined) {
    await session.idle()
    await session.confirm()
  }
  connection.close()
}
