import type { GearmanConnection } from '../connection/connection.ts'
import { Session, type SessionLink } from '../connection/session.ts'
import { createDeferred, type Deferred } from '../core/deferred.ts'
import { createLog } from '../core/log.ts'
import { PatientTimer } from '../core/patient-timer.ts'
import { EncodingError, type GearmanError, type ServerError } from '../errors.ts'
import type { PacketArgument } from '../protocol/packet-encoder.ts'
import { PacketType } from '../protocol/packets.ts'
import { RepeatedText } from '../protocol/repeated-text.ts'
import { AssignmentList } from './assignment-list.ts'
import type { GrabHolder } from './grab-clock.ts'
import type { GrabCommand } from './grab-command.ts'
import { GrabHabit } from './grab-habit.ts'
import { GrabLedger } from './grab-ledger.ts'
import { type GrabListener, GrabSlot, isGrabAnswer } from './grab-slot.ts'
import { GrabWindow } from './grab-window.ts'
import type { JobAssignment } from './job-assignment.ts'
import { isJobPacket, readJobFront, readJobPacket } from './job-packet.ts'
import type { LaneSlots } from './lane-slots.ts'
import type { Sleeper } from './sleep-watch.ts'
import type { SlotClaimant } from './slots.ts'
import { type WithdrawalSession, Withdrawals } from './withdrawals.ts'
import type { Ability, WorkerSessionHost } from './worker-session-host.ts'
import { WriteGate } from './write-gate.ts'

const log = createLog('worker')

/** A server that has not answered in that time is not waited for at the end. */
const CONFIRM_MS = 1000

/**
 * The worker's side of one connection: registers the tasks, grabs while there are jobs and slots, sleeps
 * (PRE_SLEEP) when there are none, and grabs again at NOOP.
 */
export class WorkerSession
  extends Session
  implements SlotClaimant, GrabHolder, Sleeper, GrabListener, WithdrawalSession
{
  /** The connection that it speaks on. */
  readonly connection: GearmanConnection<WorkerSession>
  /** The jobs that the server has assigned and that have not ended here. */
  readonly jobs: AssignmentList = new AssignmentList()
  readonly #host: WorkerSessionHost
  readonly #command: GrabCommand
  readonly #window = new GrabWindow()
  readonly #habit = new GrabHabit()
  readonly #grabs: GrabLedger
  readonly #gate: WriteGate
  readonly #withdrawals: Withdrawals
  readonly #grabSlots = new Map<number, GrabSlot>()
  readonly #tasks = new RepeatedText()
  /** Whether a grab may bring a job: the last answer was one, or the server has said so since. */
  #mayHaveWork = false
  #isAsleep = false
  /** Whether it has slept since the last tick of the watch. */
  #hasSleptLong = false
  #isReady = false
  #isReading = false
  #isQueued = false
  #isLost = false
  /** Whether anything was said about a job. */
  #hasReported = false
  #idle: Deferred<void> | undefined

  constructor(
    link: SessionLink,
    connection: GearmanConnection<WorkerSession>,
    host: WorkerSessionHost,
    command: GrabCommand,
  ) {
    super(link)
    this.connection = connection
    this.#host = host
    this.#command = command
    this.#grabs = new GrabLedger(host.slots)
    this.#gate = new WriteGate(link)
    this.#withdrawals = new Withdrawals(this)
  }

  override get outstandingJobs(): number {
    return this.jobs.size
  }

  /** The slots of its lane. */
  get slots(): LaneSlots {
    return this.#host.slots
  }

  /** Registers everything, behind an ECHO whose reply shows that the server answers: only then it is grabbed. */
  override start(): void {
    this.ping().catch(() => undefined)
    const { clientId } = this.#host
    if (clientId !== undefined) this.setClientId(clientId)
    for (const ability of this.#host.abilities) this.#register(ability)
    this.#host.onStarted(this)
  }

  /** SET_CLIENT_ID. */
  setClientId(id: string): void {
    this.link.send(PacketType.SET_CLIENT_ID, [id])
  }

  /** Registers a task, and asks for its jobs: those that are queued already bring no NOOP. */
  canDo(ability: Ability): void {
    const held = this.#withdrawals.cancel(ability.task)
    if (held === undefined) this.#register(ability)
    else for (const packet of held) this.#host.onJob(this, packet, false)
    this.refresh()
  }

  /** Takes a task back, as soon as no job of it runs: the server gives running ones to others at once. */
  cantDo(task: string): void {
    this.#withdrawals.begin(task)
    this.refresh()
  }

  /** @internal Sends CANT_DO. */
  sendCantDo(task: string): number {
    this.link.send(PacketType.CANT_DO, [task])
    return this.#grabs.sent
  }

  /** @internal A job of this connection will not start here. */
  forget(assignment: JobAssignment): void {
    this.#host.onForgotten(assignment)
    this.jobs.delete(assignment)
  }

  /** Decides what to do next: grab, wait for a slot, or sleep. Sends nothing when there is nothing to do. */
  refresh(): void {
    if (this.#isReading) return
    if (this.#mayHaveWork) {
      if (!this.#isQueued && this.#wanted() > 0) {
        this.#isQueued = true
        this.slots.enqueue(this)
      }
    } else if (this.#canSleep) {
      this.#sleep()
    }
    this.slots.all.serve()
  }

  /** @internal Slots are free for this session. */
  claim(most: number): boolean {
    const count = Math.min(most, this.#wanted(), this.slots.free)
    if (count > 0 && this.#grabs.outstanding === 0 && !this.#habit.shouldGrab()) {
      this.#isQueued = false
      this.#mayHaveWork = false
      if (this.#canSleep) this.#sleep()
      return false
    }
    if (count > 0) this.#grab(count)
    this.#isQueued = this.#wanted() > 0
    if (!this.#isQueued || this.slots.free > 0) return this.#isQueued
    this.slots.enqueue(this)
    return false
  }

  /** @internal The clock of unanswered grabs has ticked. */
  lendSlots(): boolean {
    const late = this.#grabs.lend()
    if (late > 0) {
      log('%s has not answered %d grabs for long: their slots go to others', this.link.server, late)
      this.slots.all.serve()
    }
    return this.#grabs.reserved > 0
  }

  /** @internal The watch over sleepers has ticked. */
  askAgain(): void {
    if (this.#isAsleep && this.#hasSleptLong) {
      this.#onCall()
      this.refresh()
    }
    this.#hasSleptLong = this.#isAsleep
  }

  /** Resolves when no job of this connection is held here any more, or the connection is lost. */
  idle(): Promise<void> {
    if (this.#isLost || this.jobs.size === 0) return Promise.resolve()
    this.#idle ??= createDeferred()
    return this.#idle.promise
  }

  /**
   * Resolves when the server has read everything that was sent, is lost, or takes too long: a close behind
   * unread bytes would destroy what is still on its way.
   */
  async confirm(): Promise<void> {
    if (this.#isLost || (!this.#hasReported && this.#grabs.outstanding === 0)) return
    const late = createDeferred<void>()
    const timer = new PatientTimer(CONFIRM_MS, late.resolve)
    try {
      await Promise.race([this.ping(), late.promise])
    } catch {
      // Lost: there is nothing to wait for.
    } finally {
      timer.stop()
    }
  }

  /** Sends something about a job. Throws when it cannot be framed. */
  report(type: number, args: readonly PacketArgument[]): void {
    this.link.send(type, args)
    this.#hasReported = true
  }

  /** Sends the end of a job. */
  reportEnd(type: number, args: readonly PacketArgument[]): void {
    this.report(type, args)
    // gearmand's timer goes on after the job and ends in a crash (its issue 301): only this stops it.
    if (this.#host.isTimed) this.#sleep()
  }

  /** Resolves when what was sent is written; rejects when the connection is lost. */
  written(): Promise<void> {
    return this.#gate.written()
  }

  /** A job of this connection has ended. */
  onJobEnd(assignment: JobAssignment): void {
    if (!this.#isLost) this.#withdrawals.onJobEnd(assignment.task)
    if (this.jobs.size === 0) this.#idle?.resolve()
    this.#host.onJobEnd(this)
  }

  override onPacket(type: number, body: Buffer): void {
    this.#beginRead()
    super.onPacket(type, body)
  }

  /** The packet that each job has. */
  override onPacketInPlace(type: number, chunk: Buffer, start: number, end: number): boolean {
    if (!isJobPacket(type) || !(this.headReply() instanceof GrabSlot)) return false
    this.#beginRead()
    this.shiftReply()
    this.onGrabAnswer(type, chunk, start, end)
    return true
  }

  override onReadEnd(): void {
    if (!this.#isReading) return
    this.#endRead()
    this.#isReady = true
    this.#window.decide(this.slots.all.capacity)
    this.refresh()
    this.#host.onReadEnd()
  }

  override onDrain(): void {
    this.#gate.open()
  }

  override onOversized(type: number, size: number, front: Buffer): void {
    const isAnswer = isJobPacket(type) && this.headReply() instanceof GrabSlot
    if (!isAnswer) throw this.unexpected(type)
    this.#beginRead()
    const packet = readJobFront(type, front)
    this.shiftReply()
    this.#grabs.onAnswer()
    this.#onJobAnswer()
    const problem = `a job of ${size} bytes is over the limit of this worker`
    this.#host.onRefusedJob(this, packet, new EncodingError(problem))
  }

  /** @internal The answer to a grab. */
  onGrabAnswer(type: number, bytes: Buffer, start = 0, end: number = bytes.length): void {
    this.#command.onAnswer()
    if (type === PacketType.NO_JOB) {
      this.#grabs.onAnswer()
      this.#mayHaveWork = false
      this.#window.onNoJob()
      this.#habit.onNoJob()
      return
    }
    // May throw: counted only then.
    const packet = readJobPacket(type, bytes, start, end, this.#tasks)
    const grab = this.#grabs.answered
    const isLate = this.#grabs.onAnswer()
    this.#onJobAnswer()
    if (this.#withdrawals.intercepts(packet, grab)) return
    this.#host.onJob(this, packet, isLate)
  }

  /** @internal The server does not know this way to grab, or has another complaint. */
  onGrabError(type: number, error: ServerError): void {
    this.#grabs.onAnswer()
    if (this.#command.onRefused(type)) {
      log('%s: %s; grabs in another way', this.link.server, error.message)
    } else {
      this.#mayHaveWork = false
      this.#host.onServerError(this, error)
    }
  }

  protected override onUnsolicited(type: number): void {
    // An ECHO whose place an ERROR has taken answers nobody.
    if (type === PacketType.ECHO_RES) return
    if (type !== PacketType.NOOP) throw this.unexpected(type)
    this.#onCall()
    this.#isAsleep = false
  }

  protected override expects(type: number): boolean {
    return isGrabAnswer(type) || super.expects(type)
  }

  protected override onStrayError(error: ServerError): void {
    this.#host.onServerError(this, error)
  }

  protected override onLost(error: GearmanError): void {
    if (this.#isReading) this.#endRead()
    if (this.#grabs.outstanding > 0) this.#command.onLost()
    this.#grabs.onLost()
    this.#isReady = false
    this.#mayHaveWork = false
    this.#isLost = true
    this.#gate.fail(error)
    this.#host.onLost(this, error)
    this.#idle?.resolve()
  }

  get #canSleep(): boolean {
    return (
      this.#isReady && !this.#isAsleep && this.#grabs.outstanding === 0 && this.#host.isGrabbing
    )
  }

  /** How many more grabs would be of use now, if there were slots. */
  #wanted(): number {
    const host = this.#host
    if (!this.#mayHaveWork || !this.#isReady || !host.isGrabbing) return 0
    if (this.#withdrawals.isBlocking) return 0
    const { outstanding } = this.#grabs
    const room = host.maxJobsPerConnection - this.jobs.size - outstanding
    return Math.min(this.#window.size - outstanding, room)
  }

  #grab(count: number): void {
    const { type } = this.#command
    let slot = this.#grabSlots.get(type)
    if (slot === undefined) {
      slot = new GrabSlot(this, type)
      this.#grabSlots.set(type, slot)
    }
    for (let index = 0; index < count; index += 1) this.request(slot, type, NO_ARGUMENTS)
    this.#grabs.onSent(count)
    this.#habit.onGrab()
    this.#isAsleep = false
    this.#host.clock.start()
  }

  #sleep(): void {
    this.link.send(PacketType.PRE_SLEEP, NO_ARGUMENTS)
    this.#isAsleep = true
    this.#hasSleptLong = false
  }

  #register({ task, serverTimeoutMs }: Ability): void {
    if (serverTimeoutMs === undefined) this.link.send(PacketType.CAN_DO, [task])
    else this.link.send(PacketType.CAN_DO_TIMEOUT, [task, String(serverTimeoutMs)])
    this.#onCall()
  }

  /** There is a reason to grab besides a job that came. */
  #onCall(): void {
    this.#mayHaveWork = true
    this.#habit.onCall()
  }

  #onJobAnswer(): void {
    this.#mayHaveWork = true
    this.#window.onJob()
    this.#habit.onJob()
  }

  /** What a read frees is decided upon at its end, in one go. */
  #beginRead(): void {
    if (this.#isReading) return
    this.#isReading = true
    this.slots.all.pause()
  }

  #endRead(): void {
    this.#isReading = false
    this.slots.all.resume()
  }
}

const NO_ARGUMENTS: readonly PacketArgument[] = []
