import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LaneSlots } from '../../../src/worker/lane-slots.ts'
import { Slots } from '../../../src/worker/slots.ts'
import { type FromServer, job, SessionHarness } from '../../unit/worker/session-harness.ts'

const SERVERS = 2
const MAX_WORKERS = 2
const MAX_LANES = 2

/** One connection: a session, what is on its way to and from it, and what its server knows of it. */
class Line {
  readonly toServer: string[] = []
  readonly toWorker: FromServer[] = []
  readonly harness: SessionHarness
  readonly assigned: Set<string> = new Set()
  isAsleep = false
  isNooped = false

  constructor(lane: LaneSlots) {
    this.harness = new SessionHarness({ lane })
    this.collect()
  }

  /** What the session has sent is on its way. */
  collect(): void {
    this.toServer.push(...this.harness.sent())
  }
}

/** How gearmand wakes workers and gives them jobs, for one task of one server, written down as plainly as can be. */
class PlainServer {
  readonly queue: string[] = []
  readonly lines: Line[] = []
  readonly #mostWoken: number
  #lastHandle = 0

  /** @param mostWoken - `--worker-wakeup`; 0: all */
  constructor(mostWoken: number) {
    this.#mostWoken = mostWoken === 0 ? Number.POSITIVE_INFINITY : mostWoken
  }

  submit(): void {
    this.#lastHandle += 1
    this.#enqueue(`H:${this.#lastHandle}`)
  }

  handle(line: Line): void {
    const [name, handle = ''] = line.toServer.shift()?.split(' ') ?? []
    if (name === 'ECHO_REQ') line.toWorker.push(['ECHO_RES', 'ping'])
    else if (name === 'GRAB_JOB_ALL') this.#grab(line)
    else if (name === 'WORK_COMPLETE') line.assigned.delete(handle)
    else if (name === 'PRE_SLEEP') {
      line.isAsleep = true
      line.isNooped = false
      if (this.queue.length > 0) this.#noop(line)
    }
  }

  lose(line: Line): void {
    this.lines.splice(this.lines.indexOf(line), 1)
    for (const handle of line.assigned) this.#enqueue(handle)
  }

  #grab(line: Line): void {
    line.isAsleep = false
    const handle = this.queue.shift()
    line.toWorker.push(handle === undefined ? ['NO_JOB'] : job(handle))
    if (handle !== undefined) line.assigned.add(handle)
  }

  #enqueue(handle: string): void {
    this.queue.push(handle)
    const sleepers = this.lines.filter(({ isAsleep, isNooped }) => isAsleep && !isNooped)
    for (const line of sleepers.slice(0, this.#mostWoken)) this.#noop(line)
  }

  #noop(line: Line): void {
    line.isNooped = true
    line.toWorker.push(['NOOP'])
  }
}

/** Where a connection is, and the one that stands there now. */
interface Place {
  line: Line
  readonly server: PlainServer
  readonly lane: LaneSlots
}

interface Shape {
  readonly workers: number
  readonly concurrency: number
  readonly prefetch: number
  readonly mostWoken: number
  /** The limit of each task: each has connections of its own to each server. */
  readonly limits: readonly number[]
}

/** Workers at two servers: each has connections to both for each task, and one set of slots for all. */
class World {
  readonly servers: PlainServer[] = []
  readonly slots: Slots[]
  readonly lanes: LaneSlots[] = []
  readonly #places: Place[] = []
  /** Jobs of lost connections whose callbacks still run. */
  readonly #orphans: SessionHarness[] = []

  constructor({ workers, concurrency, prefetch, mostWoken, limits }: Shape) {
    this.slots = Array.from({ length: workers }, () => new Slots(concurrency, prefetch))
    for (const limit of limits) {
      const servers = Array.from({ length: SERVERS }, () => new PlainServer(mostWoken))
      this.servers.push(...servers)
      for (const slots of this.slots) this.#addLane(new LaneSlots(slots, limit), servers)
    }
  }

  submit(index: number): void {
    this.servers[index % this.servers.length]?.submit()
  }

  /** A server handles one packet. */
  serve(index: number): boolean {
    const { line, server } = this.#at(index)
    if (line.toServer.length === 0) return false
    server.handle(line)
    return true
  }

  /** A worker reads some packets in one go. */
  read(index: number, count: number): boolean {
    const { line } = this.#at(index)
    if (line.toWorker.length === 0) return false
    line.harness.receive(...line.toWorker.splice(0, count))
    this.#collect()
    return true
  }

  /** A callback settles. */
  endJob(index: number): boolean {
    const { line } = this.#at(index)
    const harness = line.harness.jobs.length > 0 ? line.harness : this.#orphans.pop()
    if (harness === undefined || harness.jobs.length === 0) return false
    harness.endJob()
    if (harness !== line.harness && harness.jobs.length > 0) this.#orphans.push(harness)
    this.#collect()
    return true
  }

  /** A connection is lost, and made again. */
  lose(index: number): void {
    const place = this.#at(index)
    const { line, server, lane } = place
    server.lose(line)
    line.harness.lose()
    if (line.harness.jobs.length > 0) this.#orphans.push(line.harness)
    place.line = new Line(lane)
    server.lines.push(place.line)
    this.#collect()
  }

  /** The clock of unanswered grabs ticks. */
  tick(index: number): void {
    this.#at(index).line.harness.session.lendSlots()
    this.#collect()
  }

  /** Everything that is under way arrives, and every job ends; nothing more is submitted. */
  settle(): void {
    for (let isMoving = true; isMoving; ) {
      isMoving = false
      for (let index = 0; index < this.#places.length; index += 1) {
        isMoving = this.serve(index) || isMoving
        isMoving = this.read(index, 1) || isMoving
        isMoving = this.endJob(index) || isMoving
      }
    }
    for (const { line } of this.#places) line.harness.clock.stop()
  }

  #addLane(lane: LaneSlots, servers: readonly PlainServer[]): void {
    this.lanes.push(lane)
    for (const server of servers) {
      const line = new Line(lane)
      server.lines.push(line)
      this.#places.push({ line, server, lane })
    }
  }

  #at(index: number): Place {
    const place = this.#places[index % this.#places.length]
    if (place === undefined) throw new Error('there are lines')
    return place
  }

  /** What one line frees, another may use. */
  #collect(): void {
    for (const { line } of this.#places) line.collect()
  }
}

const index = fc.nat({ max: SERVERS * MAX_WORKERS * MAX_LANES - 1 })
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('submit' as const), index }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('serve' as const), index }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('read' as const),
      index,
      count: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('end' as const), index }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lose' as const), index }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('tick' as const), index }) },
)

const scenario = fc.record({
  workers: fc.integer({ min: 1, max: MAX_WORKERS }),
  concurrency: fc.integer({ min: 1, max: 3 }),
  prefetch: fc.nat({ max: 2 }),
  mostWoken: fc.nat({ max: 1 }),
  limits: fc.array(fc.constantFrom(1, 2, Number.POSITIVE_INFINITY), {
    minLength: 1,
    maxLength: MAX_LANES,
  }),
  steps: fc.array(step, { maxLength: 120 }),
})

function play(
  world: World,
  { kind, ...step }: { kind: string; index: number; count?: number },
): void {
  if (kind === 'submit') world.submit(step.index)
  else if (kind === 'serve') world.serve(step.index)
  else if (kind === 'read') world.read(step.index, step.count ?? 1)
  else if (kind === 'end') world.endJob(step.index)
  else if (kind === 'lose') world.lose(step.index)
  else world.tick(step.index)
}

test('no order of packets, losses and ends of jobs loses a wake-up or a slot', () => {
  fc.assert(
    fc.property(scenario, ({ steps, ...shape }) => {
      const world = new World(shape)
      for (const one of steps) play(world, one)
      world.settle()
      for (const { queue } of world.servers) expect(queue).toEqual([])
      for (const slots of world.slots) expect(slots.free).toBe(slots.capacity)
      const limits = shape.limits.flatMap((limit) => world.slots.map(() => limit))
      expect(world.lanes.map(({ free }) => free)).toEqual(limits)
    }),
    { numRuns: 3000 },
  )
})
