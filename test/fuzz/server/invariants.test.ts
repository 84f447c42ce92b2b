import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { ProtocolError } from '../../../src/errors.ts'
import { PacketDecoder } from '../../../src/protocol/packet-decoder.ts'
import { type PacketName, PacketType } from '../../../src/protocol/packets.ts'
import { JobState } from '../../../src/server/queue/job.ts'
import { Priority } from '../../../src/server/queue/priority.ts'
import type { ServerJob } from '../../../src/server/server-events.ts'
import type { FunctionStats, JobTotals, ServerStats } from '../../../src/server/server-stats.ts'
import { rawPacket } from '../../helpers/raw-peer.ts'
import { HandStore, type TestPeer, TestServer, turn } from '../../unit/server/server-harness.ts'

/** Many runs are work for seconds where nothing else runs: a busy machine is slow, not broken. */
vi.setConfig({ testTimeout: 300_000 })

const FUNCTIONS = ['f', 'g']
const NOW_SECONDS = 1_000_000_000

/** One step of a random conversation: who, and what. */
type Step =
  | {
      readonly kind: 'packet'
      readonly peer: number
      readonly packet: readonly [PacketName, ...string[]]
    }
  | { readonly kind: 'raw'; readonly peer: number; readonly type: number; readonly args: string[] }
  | { readonly kind: 'text'; readonly peer: number; readonly line: string }
  | { readonly kind: 'leave'; readonly peer: number }
  | { readonly kind: 'time'; readonly ms: number }
  | { readonly kind: 'store'; readonly succeeds: boolean }

const peerIndex = fc.nat({ max: 3 })
const functionName = fc.constantFrom(...FUNCTIONS)
const unique = fc.constantFrom('', '-', 'u', 'v')
const data = fc.constantFrom('', 'x', 'y')
const handle = fc.integer({ min: 1, max: 12 }).map((number) => `H:test:${number}`)

function packet(arbitrary: fc.Arbitrary<readonly [PacketName, ...string[]]>): fc.Arbitrary<Step> {
  return fc.record({ kind: fc.constant('packet' as const), peer: peerIndex, packet: arbitrary })
}

const submit = fc.tuple(
  fc.constantFrom<PacketName>(
    'SUBMIT_JOB',
    'SUBMIT_JOB_BG',
    'SUBMIT_JOB_HIGH',
    'SUBMIT_JOB_LOW_BG',
  ),
  functionName,
  unique,
  data,
)
const submitLater = fc
  .tuple(functionName, unique, fc.nat({ max: 30 }), data)
  .map(([name, id, seconds, bytes]): readonly [PacketName, ...string[]] => [
    'SUBMIT_JOB_EPOCH',
    name,
    id,
    String(NOW_SECONDS + seconds),
    bytes,
  ])
const canDo = fc.oneof(
  fc.tuple(fc.constantFrom<PacketName>('CAN_DO', 'CANT_DO'), functionName),
  fc.tuple(fc.constant<PacketName>('CAN_DO_TIMEOUT'), functionName, fc.constant('1500')),
)
const grab = fc.constantFrom<readonly [PacketName]>(
  ['GRAB_JOB'],
  ['GRAB_JOB'],
  ['PRE_SLEEP'],
  ['RESET_ABILITIES'],
)
const report = fc.oneof(
  fc.tuple(fc.constantFrom<PacketName>('WORK_COMPLETE', 'WORK_EXCEPTION'), handle, data),
  fc.tuple(fc.constant<PacketName>('WORK_FAIL'), handle),
)
const admin = fc.oneof(
  handle.map((text) => `cancel job ${text}`),
  fc
    .tuple(fc.constantFrom('drop', 'pause', 'resume', 'purge', 'kick'), functionName)
    .map(([command, name]) => `${command} function ${name}`),
  handle.map((text) => `kick job ${text}`),
)

/** Packets of any type with any arguments, most of them wrong; none for a time that the test does not see. */
const raw: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant('raw' as const),
  peer: peerIndex,
  type: fc.integer({ min: 1, max: 42 }).filter((type) => type !== PacketType.SUBMIT_JOB_EPOCH),
  args: fc.array(
    fc.oneof(
      functionName,
      handle,
      fc.string({ maxLength: 70 }),
      fc.constantFrom('', '9'.repeat(30), '-5', 'u'.repeat(64), 'exceptions', 'x'.repeat(9000)),
    ),
    { maxLength: 6 },
  ),
})

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: raw },
  { weight: 6, arbitrary: packet(submit) },
  { weight: 2, arbitrary: packet(submitLater) },
  { weight: 3, arbitrary: packet(canDo) },
  { weight: 6, arbitrary: packet(grab) },
  { weight: 4, arbitrary: packet(report) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('text' as const), peer: peerIndex, line: admin }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), peer: peerIndex }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('time' as const), ms: fc.nat({ max: 3000 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('store' as const), succeeds: fc.boolean() }),
  },
)

/** Plays random steps; a peer that leaves is replaced by a new one. */
class Conversation {
  readonly server: TestServer
  readonly #store: HandStore | undefined
  readonly #peers: TestPeer[]

  constructor(store: HandStore | undefined) {
    this.#store = store
    this.server = new TestServer({ jobRetries: 3, workerWakeup: 1, ...(store && { store }) })
    this.#peers = Array.from({ length: 4 }, () => this.server.connect())
  }

  async play(next: Step): Promise<void> {
    if (next.kind === 'time') this.server.clock.advance(next.ms)
    else if (next.kind === 'store') await this.#settle(next.succeeds)
    else this.#act(this.#peers[next.peer] ?? this.server.connect(), next)
  }

  #act(peer: TestPeer, next: Exclude<Step, { readonly kind: 'time' | 'store' }>): void {
    if (next.kind === 'packet') peer.play(...next.packet)
    else if (next.kind === 'raw') peer.play(next.type, ...next.args)
    else if (next.kind === 'text') peer.say(next.line)
    else {
      peer.leave()
      this.#peers[next.peer] = this.server.connect()
    }
  }

  async #settle(succeeds: boolean): Promise<void> {
    if (this.#store === undefined) return
    await turn()
    await (succeeds ? this.#store.succeed() : this.#store.fail())
  }

  /** Everybody leaves, every commit succeeds, and one worker does what is left. */
  async finish(): Promise<void> {
    for (const peer of this.#peers) peer.leave()
    await this.#drainStore()
    this.server.clock.advance(60_000)
    const worker = this.server.connect()
    for (const name of this.server.table.functions.keys()) {
      worker.play('CAN_DO', name)
      worker.say(`resume function ${name}`)
    }
    for (;;) {
      const [reply = ''] = worker.play('GRAB_JOB')
      if (reply === 'NO_JOB') break
      worker.play('WORK_COMPLETE', reply.split(' ')[1] ?? '', '')
    }
    worker.leave()
    await this.#drainStore()
  }

  async #drainStore(): Promise<void> {
    const commits = this.server.table.commits
    while (commits !== undefined && !commits.isIdle) {
      this.server.clock.advance(1000)
      await this.#settle(true)
    }
  }
}

/** The counts of every function are those of its jobs. */
function expectRightCounts({ table }: TestServer): void {
  const jobs = [...table.handles]
  for (const queue of table.functions.values()) {
    const own = jobs.filter((job) => job.queue === queue)
    const inState = (state: JobState): number => own.filter((job) => job.state === state).length
    const waiting = Object.values(Priority).reduce<number>((sum, at) => sum + queue.waiting(at), 0)
    expect(queue.total).toBe(own.length)
    expect(queue.running).toBe(inState(JobState.Running))
    expect(queue.delayed).toBe(inState(JobState.Delayed))
    expect(waiting).toBe(inState(JobState.Queued) + inState(JobState.Delayed))
    expect(queue.isReady).toBe(!queue.isPaused && inState(JobState.Queued) > 0)
    expect(queue.readyIndex >= 0).toBe(queue.isReady)
  }
  expect(jobs.every((job) => job.state !== JobState.Ended)).toBe(true)
}

/** What was accepted is over or still here, and what was assigned came back or still runs. */
function expectRightTotals(server: TestServer): void {
  const stats = server.stats()
  expect([stats, ...stats.functions].filter((one) => !isConsistent(one))).toEqual([])
  const isWrong = ({ totals, waitTime, runTime }: FunctionStats): boolean =>
    waitTime.count !== totals.assigned || runTime.count !== reported(totals)
  expect(stats.functions.filter(isWrong)).toEqual([])
}

function isConsistent({ totals, running, queued, delayed }: ServerStats | FunctionStats): boolean {
  const { accepted, restored, assigned, returned, lost, cancelled, abandoned } = totals
  const over = reported(totals) + lost + cancelled + abandoned
  const back = returned.disconnected + returned.timeout + returned.unregistered
  // What is left of the assigned jobs was cancelled or abandoned while it ran.
  const dropped = assigned - reported(totals) - lost - back - running
  return (
    accepted.foreground + accepted.background + restored === over + queued + delayed + running &&
    dropped >= 0 &&
    dropped <= cancelled + abandoned
  )
}

function reported({ completed, failed, exceptions }: JobTotals): number {
  return completed + failed + exceptions
}

/** Follows the events of a server: each job is accepted once, and then over once. */
class EventWatch {
  readonly mistakes: string[] = []
  readonly #open = new Set<string>()
  readonly #assigned = new Set<string>()

  constructor({ events }: TestServer) {
    events.on('jobAccepted', ({ handle }) => this.#enter(this.#open, handle))
    events.on('jobAssigned', ({ handle }) => this.#enter(this.#assigned, handle))
    events.on('jobReturned', ({ handle }) => this.#leave(this.#assigned, handle))
    const end = ({ handle }: ServerJob): void => {
      this.#leave(this.#assigned, handle)
      this.#leave(this.#open, handle)
    }
    events.on('jobDone', end)
    events.on('jobFailed', end)
    events.on('jobLost', end)
    events.on('jobDropped', ({ handle }) => {
      this.#assigned.delete(handle)
      this.#leave(this.#open, handle)
    })
  }

  expectNothingOpen(): void {
    expect(this.mistakes).toEqual([])
    expect([...this.#open, ...this.#assigned]).toEqual([])
  }

  #enter(handles: Set<string>, handle: string): void {
    if (handles.has(handle)) this.mistakes.push(`${handle} begins twice`)
    handles.add(handle)
  }

  #leave(handles: Set<string>, handle: string): void {
    if (!handles.delete(handle)) this.mistakes.push(`${handle} ends before it begins`)
  }
}

describe('whatever clients, workers and admins do', () => {
  test.each([
    ['in memory', false],
    ['with a store', true],
  ])('counts are right, and nothing is left at the end (%s)', async (_name, hasStore) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80, size: 'max' }), async (steps) => {
        const conversation = new Conversation(hasStore ? new HandStore() : undefined)
        const watch = new EventWatch(conversation.server)
        for (const next of steps) {
          await conversation.play(next)
          expectRightCounts(conversation.server)
          expectRightTotals(conversation.server)
        }
        await conversation.finish()
        expectRightTotals(conversation.server)
        watch.expectNothingOpen()
        const { table, clock } = conversation.server
        expectRightCounts(conversation.server)
        expect(table.handles.size).toBe(0)
        expect(table.delayed.size).toBe(0)
        expect(clock.timerCount).toBe(0)
        for (const key of ['u', 'v']) expect(table.uniques.findUnique(key)).toBeUndefined()
      }),
      { numRuns: 300 },
    )
  })

  test('random bytes end in answers or in a ProtocolError, never in anything else', () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
      fc
        .tuple(
          fc.integer({ min: 0, max: 44 }),
          fc.array(fc.string({ maxLength: 5 }), { maxLength: 9 }),
        )
        .map(([type, args]) => rawPacket(type, args)),
      fc
        .constantFrom('status\n', 'show jobs\r\n', 'cancel job H:test:1\n', 'list jobs \0 2\n')
        .map((text) => Buffer.from(text)),
    )
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 20, size: 'max' }),
        fc.integer({ min: 1, max: 30 }),
        (pieces, size) => {
          const { session } = new TestServer().connect()
          const decoder = new PacketDecoder(
            {
              onPacket: (type, body) => session.onPacket(type, body),
              onLine: (line) => session.onLine(line),
              onOversized: (type, _size, front) => session.onOversized(type, front),
              onForeignMagic: () => session.onForeignMagic(),
              onLineTooLong: () => undefined,
            },
            { magic: 'request', maxBodyBytes: 64, maxLineBytes: 64 },
          )
          const bytes = Buffer.concat(pieces)
          try {
            for (let at = 0; at < bytes.length; at += size)
              decoder.push(bytes.subarray(at, at + size))
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError)
          }
          session.onClose()
        },
      ),
      { numRuns: 1000 },
    )
  })
})
