import type { ConnectionGroup } from '../connection/connection-group.ts'
import type { GearmanError } from '../errors.ts'
import { Lane, type LaneContext } from './lane.ts'
import { LaneSlots } from './lane-slots.ts'
import { hasOwnLane, type Registration } from './registration.ts'
import type { WorkerSession } from './worker-session.ts'

/** The lanes of a worker: the common one, one for each task with limits of its own, and those that end. */
export class Lanes {
  readonly #context: LaneContext
  readonly #tasks: ReadonlyMap<string, Registration>
  readonly #all = new Set<Lane>()
  readonly #own = new Map<string, Lane>()
  readonly #ownSlots = new Map<string, LaneSlots>()
  #common: Lane | undefined
  #isOpen = false

  /** @param tasks - the registered tasks, as they are at any time */
  constructor(context: LaneContext, tasks: ReadonlyMap<string, Registration>) {
    this.#context = context
    this.#tasks = tasks
  }

  /** The lane of the tasks without limits of their own. */
  get common(): Lane {
    this.#common ??= this.#add(
      new Lane(this.#context, {
        abilities: () => [...this.#tasks.values()].filter((task) => !hasOwnLane(task)),
        slots: new LaneSlots(this.#context.slots, Number.POSITIVE_INFINITY),
        isTimed: false,
      }),
    )
    return this.#common
  }

  /** The connections that there are. */
  get groups(): readonly ConnectionGroup<WorkerSession>[] {
    if (this.#all.size === 0) return [this.common.group]
    return [...this.#all].map(({ group }) => group)
  }

  /** See {@link Lane.registered}; of all lanes. */
  async registered(needsAll: boolean): Promise<void> {
    await Promise.all([...this.#all].map((lane) => lane.registered(needsAll)))
  }

  /** All open connections' protocol states. */
  *sessions(): Generator<WorkerSession> {
    for (const lane of this.#all) yield* lane.sessions
  }

  /** Dials all servers and takes jobs. */
  open(): void {
    this.#isOpen = true
    for (const task of this.#tasks.values()) this.#openLaneOf(task)
    // A worker without any task yet connects all the same: one may come at any time.
    if (this.#common !== undefined || this.#all.size === 0) this.common.open()
  }

  /** A task is registered; `previous`: it was before, like this. */
  register(task: Registration, previous: Registration | undefined): void {
    if (previous !== undefined && isSameLane(task, previous)) {
      this.#own.get(task.task)?.setLimit(task.concurrency)
      return
    }
    if (previous !== undefined) this.unregister(previous)
    if (this.#isOpen) this.#openLaneOf(task)
    if (hasOwnLane(task)) return
    for (const session of this.#common?.sessions ?? []) session.canDo(task)
  }

  /** A task is not registered any more. */
  unregister(task: Registration): void {
    const own = this.#own.get(task.task)
    if (own !== undefined) {
      this.#own.delete(task.task)
      void this.#retire(own)
    } else if (!hasOwnLane(task)) {
      for (const session of this.#common?.sessions ?? []) session.cantDo(task.task)
    }
  }

  /** Takes no job any more; resolves when all jobs have ended and all connections are closed. */
  async retire(): Promise<void> {
    this.#forget()
    await Promise.all([...this.#all].map((lane) => this.#retire(lane)))
  }

  /** Closes everything now; what runs is told why. Resolves when the sockets are gone. */
  async close(reason: GearmanError): Promise<void> {
    this.#forget()
    const closing = [...this.#all].map((lane) => lane.close(reason))
    this.#all.clear()
    await Promise.all(closing)
  }

  #forget(): void {
    this.#isOpen = false
    this.#common = undefined
    this.#own.clear()
  }

  #openLaneOf(task: Registration): void {
    if (!hasOwnLane(task)) {
      this.common.open()
      return
    }
    if (this.#own.has(task.task)) return
    const lane: Lane = new Lane(this.#context, {
      // Nothing once it is unregistered: the lane only waits for its jobs then.
      abilities: () => (this.#own.get(task.task) === lane ? [task] : []),
      slots: this.#slotsOf(task),
      isTimed: task.serverTimeoutMs !== undefined,
    })
    this.#own.set(task.task, this.#add(lane))
    lane.open()
  }

  /** Callbacks of an earlier lane of the task may still run: the limit is that of all together. */
  #slotsOf({ task, concurrency }: Registration): LaneSlots {
    for (const [name, { isUnused }] of this.#ownSlots) {
      if (isUnused && !this.#own.has(name)) this.#ownSlots.delete(name)
    }
    const slots = this.#ownSlots.get(task) ?? new LaneSlots(this.#context.slots, concurrency)
    slots.setLimit(concurrency)
    this.#ownSlots.set(task, slots)
    return slots
  }

  #add(lane: Lane): Lane {
    this.#all.add(lane)
    return lane
  }

  async #retire(lane: Lane): Promise<void> {
    await lane.retire()
    this.#all.delete(lane)
  }
}

function isSameLane(task: Registration, other: Registration): boolean {
  return hasOwnLane(task) === hasOwnLane(other) && task.serverTimeoutMs === other.serverTimeoutMs
}
