import type { PacketName } from '../../../../src/protocol/packets.ts'
import type { RawReply } from '../../../helpers/raw-peer.ts'
import type { Script, Stage } from '../parity-script.ts'
import { StepPlayer } from './play-steps.ts'
import type { Move, Turn, WorkerMove } from './random-moves.ts'
import type { Step } from './script.ts'

/** Makes a script for {@link parity} of random turns. */
export function playRandom(turns: readonly Turn[]): Script {
  return async (stage) => {
    const play = new RandomPlayer(stage)
    for (const turn of turns) await play.take(turn)
  }
}

interface RunningJob {
  readonly handle: string
  readonly functionName: string
}

/** What the player knows of one connection, by what it was told. */
class Known {
  readonly functions = new Set<string>()
  running: RunningJob[] = []
  /** The foreground submissions that wait, by handle. */
  waitsFor: string[] = []
  isSleeping = false
  isWoken = false
}

interface KnownJob {
  readonly functionName: string
  readonly isBackground: boolean
}

/**
 * Plays turns as far as they keep clear of what is different on purpose (`../gearmand-differences.test.ts`):
 *
 * - no client leaves while it waits, since gearmand keeps, joins and loses such jobs
 * - a worker sleeps once until it grabs, and keeps what it runs while it sleeps
 * - all ask for exceptions: others get a stray NUL
 * - no function is registered twice, or dropped while it has jobs
 * - `show jobs` is not asked once a background submission joined a foreground job
 */
class RandomPlayer {
  readonly #player: StepPlayer
  readonly #peers = new Map<string, Known>()
  readonly #jobs = new Map<string, KnownJob>()
  readonly #handles: string[] = []
  #hasMixed = false

  constructor(stage: Stage) {
    this.#player = new StepPlayer(stage)
  }

  async take({ who, move }: Turn): Promise<void> {
    const peer = await this.#enter(who)
    const step = this.#stepOf(who, peer, move)
    if (step === undefined) return
    const heard = await this.#player.play(step)
    this.#note(who, peer, move, heard.get(who) ?? [])
    for (const [name, replies] of heard) this.#hear(name, replies)
  }

  async #enter(who: string): Promise<Known> {
    let peer = this.#peers.get(who)
    if (peer === undefined) {
      peer = new Known()
      this.#peers.set(who, peer)
      await this.#player.play([who, 'OPTION_REQ', 'exceptions'])
    }
    return peer
  }

  /** `undefined` where the turn would lead to a known difference. */
  #stepOf(who: string, peer: Known, move: Move): Step | undefined {
    switch (move.kind) {
      case 'submit':
        return [who, move.packet, ...submitArguments(move)]
      case 'grab':
        return [who, move.packet]
      case 'report':
        return [who, move.packet, this.#reportedHandle(peer, move.index), ...reportArguments(move)]
      case 'ask':
        return [who, 'GET_STATUS', this.#handles[move.index] ?? 'H:nowhere:1']
      case 'askUnique':
        return [who, 'GET_STATUS_UNIQUE', move.unique]
      case 'text':
        return this.#isUnclear(move.line) ? undefined : [who, 'text', `${move.line}\n`]
      case 'drop':
        if (this.#hasJobs(move.functionName)) return undefined
        return [who, 'text', `drop function ${move.functionName}\n`]
      default:
        return isClear(peer, move) ? [who, ...workerStep(move)] : undefined
    }
  }

  #isUnclear(line: string): boolean {
    return this.#hasMixed && line === 'show jobs'
  }

  #reportedHandle(peer: Known, index: number): string {
    return peer.running[index]?.handle ?? this.#handles[index] ?? 'H:nowhere:1'
  }

  #hasJobs(functionName: string): boolean {
    return [...this.#jobs.values()].some((job) => job.functionName === functionName)
  }

  /** What a step changes, by its own answers. */
  #note(who: string, peer: Known, move: Move, replies: readonly RawReply[]): void {
    if (move.kind === 'submit') this.#noteSubmission(peer, move, replies)
    else if (move.kind === 'register') peer.functions.add(move.functionName)
    else if (move.kind === 'unregister') giveUp(peer, (name) => name === move.functionName)
    else if (move.kind === 'reset') giveUp(peer, () => true)
    else if (move.kind === 'leave') this.#peers.delete(who)
    else if (move.kind === 'sleep') peer.isSleeping = true
    else if (move.kind === 'grab') wake(peer)
    else if (move.kind === 'report' && LAST_WORDS.has(move.packet)) this.#noteEnd(peer, move.index)
  }

  #noteSubmission(
    peer: Known,
    move: Move & { kind: 'submit' },
    replies: readonly RawReply[],
  ): void {
    const isBackground = BACKGROUND.has(move.packet)
    for (const reply of replies) {
      if (reply.kind !== 'packet' || reply.name !== 'JOB_CREATED') continue
      const [handle = ''] = reply.args
      const known = this.#jobs.get(handle)
      if (known === undefined) {
        this.#handles.push(handle)
        this.#jobs.set(handle, { functionName: move.functionName, isBackground })
      } else if (isBackground && !known.isBackground) this.#hasMixed = true
      if (!isBackground) peer.waitsFor.push(handle)
    }
  }

  #noteEnd(peer: Known, index: number): void {
    const job = peer.running[index]
    if (job === undefined) return
    peer.running.splice(index, 1)
    this.#jobs.delete(job.handle)
  }

  /** What came to a connection, whoever caused it. */
  #hear(who: string, replies: readonly RawReply[]): void {
    const peer = this.#peers.get(who)
    if (peer === undefined) return
    for (const reply of replies) {
      if (reply.kind !== 'packet') continue
      const [handle = '', functionName = ''] = reply.args
      if (reply.name === 'NOOP') peer.isWoken = true
      else if (ASSIGNMENTS.has(reply.name)) peer.running.push({ handle, functionName })
      else if (LAST_WORDS.has(reply.name)) {
        peer.waitsFor = peer.waitsFor.filter((other) => other !== handle)
        this.#jobs.delete(handle)
      }
    }
  }
}

const ASSIGNMENTS: ReadonlySet<string> = new Set<PacketName>([
  'JOB_ASSIGN',
  'JOB_ASSIGN_UNIQ',
  'JOB_ASSIGN_ALL',
])
const LAST_WORDS: ReadonlySet<string> = new Set<PacketName>([
  'WORK_COMPLETE',
  'WORK_FAIL',
  'WORK_EXCEPTION',
])
const BACKGROUND: ReadonlySet<string> = new Set<PacketName>([
  'SUBMIT_JOB_BG',
  'SUBMIT_JOB_HIGH_BG',
  'SUBMIT_JOB_LOW_BG',
  'SUBMIT_JOB_EPOCH',
  'SUBMIT_REDUCE_JOB_BACKGROUND',
])

function submitArguments(move: Move & { kind: 'submit' }): string[] {
  const { packet, functionName, unique, data } = move
  if (packet === 'SUBMIT_JOB_EPOCH') return [functionName, unique, '0', data]
  if (packet.startsWith('SUBMIT_REDUCE')) return [functionName, unique, 'reducer', '', data]
  return [functionName, unique, data]
}

function reportArguments({ packet, index }: Move & { kind: 'report' }): string[] {
  if (packet === 'WORK_FAIL') return []
  return packet === 'WORK_STATUS' ? [String(index), '10'] : ['re\0port']
}

function isClear(peer: Known, move: WorkerMove): boolean {
  switch (move.kind) {
    case 'register':
      return !peer.functions.has(move.functionName)
    case 'sleep':
      return !peer.isSleeping && !peer.isWoken
    case 'leave':
      return peer.waitsFor.length === 0 && !peer.isWoken && !givesUpInSleep(peer)
    default:
      return !givesUpInSleep(peer)
  }
}

function workerStep(move: WorkerMove): readonly [PacketName, ...string[]] | readonly ['leave'] {
  switch (move.kind) {
    case 'register':
      return ['CAN_DO', move.functionName]
    case 'unregister':
      return ['CANT_DO', move.functionName]
    case 'reset':
      return ['RESET_ABILITIES']
    case 'sleep':
      return ['PRE_SLEEP']
    case 'leave':
      return ['leave']
  }
}

function givesUpInSleep(peer: Known): boolean {
  return peer.isSleeping && peer.running.length > 0
}

function giveUp(peer: Known, isGivenUp: (functionName: string) => boolean): void {
  for (const name of [...peer.functions]) if (isGivenUp(name)) peer.functions.delete(name)
  peer.running = peer.running.filter((job) => !isGivenUp(job.functionName))
}

function wake(peer: Known): void {
  peer.isSleeping = false
  peer.isWoken = false
}
