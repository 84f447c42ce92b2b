import type { PacketName } from '../../../../src/protocol/packets.ts'
import { type RawReply, rawPacket } from '../../../helpers/raw-peer.ts'
import type { Actor, Script, Stage } from '../parity-script.ts'
import type { PacketStep, Step } from './script.ts'

/** Makes a script for {@link parity} of steps that are data. */
export function playSteps(steps: readonly Step[]): Script {
  return async (stage) => {
    const player = new StepPlayer(stage)
    for (const step of steps) await player.play(step)
  }
}

/**
 * Plays steps. After each, every connection is asked for what it got: nothing that a server says goes unnoticed.
 * First the one that acted, so that the server is done with it, then the others in the order of their opening.
 */
export class StepPlayer {
  readonly #stage: Stage
  readonly #actors = new Map<string, Actor>()
  readonly #handles: string[] = []

  constructor(stage: Stage) {
    this.#stage = stage
  }

  /** Plays one step; gives back what each connection heard. */
  async play(step: Step): Promise<Map<string, readonly RawReply[]>> {
    const [who, what] = step
    const actor = await this.#actor(who)
    this.#stage.note(`${who} > ${describeStep(step)}`)
    await this.#act(who, actor, step)
    const heard = new Map<string, readonly RawReply[]>()
    const others = what === 'alone' ? [] : [...this.#actors].filter(([name]) => name !== who)
    for (const [name, other] of this.#actors.has(who)
      ? [[who, actor] as const, ...others]
      : others) {
      const { replies, isOpen } = await other.listenOrEnd()
      heard.set(name, replies)
      this.#learnHandles(replies)
      if (isOpen) continue
      this.#actors.delete(name)
      await this.#stage.untilGone()
    }
    return heard
  }

  async #actor(name: string): Promise<Actor> {
    const known = this.#actors.get(name)
    if (known !== undefined) return known
    const actor = await this.#stage.connect(name)
    this.#actors.set(name, actor)
    return actor
  }

  async #act(who: string, actor: Actor, step: Step): Promise<void> {
    const [, what, ...rest] = step
    switch (what) {
      case 'text':
        actor.peer.sendText(this.#fill(String(rest[0])))
        return
      case 'packets':
      case 'alone':
        this.#send(actor, rest as PacketStep[])
        return
      case 'raw': {
        const [magic, ...packet] = rest as [string, ...PacketStep]
        actor.peer.sendBytes(this.#packet(packet, magic))
        return
      }
      case 'pieces':
        for (const piece of rest as string[]) {
          actor.peer.sendText(this.#fill(piece))
          await this.#stage.roundTrip()
        }
        return
      case 'wait':
        this.#send(actor, rest as PacketStep[])
        await actor.hear()
        return
      case 'wait asleep':
        this.#send(actor, rest as PacketStep[])
        await actor.hearInSleep()
        return
      case 'leave':
        this.#actors.delete(who)
        await actor.leave()
        return
      default:
        actor.peer.sendBytes(this.#packet([what, ...(rest as string[])]))
    }
  }

  #send(actor: Actor, packets: readonly PacketStep[]): void {
    actor.peer.sendBytes(Buffer.concat(packets.map((one) => this.#packet(one))))
  }

  #packet([type, ...args]: PacketStep, magic?: string): Buffer {
    return rawPacket(
      type,
      args.map((arg) => this.#fill(arg)),
      magic,
    )
  }

  /** `$1` and so on become handles. */
  #fill(text: string): string {
    return text.replace(/\$(\d+)/g, (_match, number) => this.#handles[Number(number) - 1] ?? '')
  }

  #learnHandles(replies: readonly RawReply[]): void {
    for (const reply of replies) {
      if (reply.kind !== 'packet' || reply.name !== CREATED) continue
      const [handle = ''] = reply.args
      if (!this.#handles.includes(handle)) this.#handles.push(handle)
    }
  }
}

const CREATED: PacketName = 'JOB_CREATED'
const SHOWN_CHARACTERS = 200

function describeStep([, ...step]: Step): string {
  const text = step.flat().map((part) => (typeof part === 'number' ? part : JSON.stringify(part)))
  return text.join(' ').slice(0, SHOWN_CHARACTERS)
}
