import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import { describe, expect, test } from 'vitest'
import type { PacketName } from '../../../src/protocol/packets.ts'
import { GearmanServer, type ServerOptions } from '../../../src/server/index.ts'
import { describeWithGearmand, findGearmand, startGearmand } from '../../helpers/gearmand.ts'
import { RawPeer, type RawReply, showReply } from '../../helpers/raw-peer.ts'

/** What a script of packets plays with; everything that comes back is written down. */
export class Stage {
  readonly #port: number
  readonly #peers: RawPeer[] = []
  readonly #transcript: string[] = []
  readonly #observer: RawPeer
  #open = 0

  private constructor(port: number, observer: RawPeer) {
    this.#port = port
    this.#observer = observer
  }

  /** Connects to a server, and waits until nobody else is connected. */
  static async open(port: number): Promise<Stage> {
    const observer = await RawPeer.connect(port)
    observer.send('SET_CLIENT_ID', OBSERVER)
    const stage = new Stage(port, observer)
    await stage.#untilAllAreGone()
    return stage
  }

  /** A new connection; without a name it gets a number. */
  async connect(name?: string): Promise<Actor> {
    const peer = await RawPeer.connect(this.#port)
    this.#peers.push(peer)
    this.#open += 1
    // The system connects before the server accepts: one that is not listed yet would be taken for one that is gone.
    while ((await this.#observer.command('workers')).length < this.#open + 1);
    const shownName = name ?? `#${this.#peers.length}`
    return new Actor(peer, shownName, this.#transcript, () => this.#leave(peer))
  }

  /** Writes down what the script does, between what the server says. */
  note(line: string): void {
    this.#transcript.push(line)
  }

  /** A connection was closed by the server. */
  async untilGone(): Promise<void> {
    this.#open -= 1
    await this.#untilAllAreGone()
  }

  /** One round trip beside the connections of the script. */
  async roundTrip(): Promise<void> {
    await this.#observer.sync()
  }

  /** All replies of all connections, in the order of the script, made comparable. */
  transcript(): string[] {
    return shortenHandles(this.#transcript)
  }

  /** Cuts all connections. */
  end(): void {
    this.#observer.destroy()
    for (const peer of this.#peers) peer.destroy()
  }

  /** Closes a connection, and asks the server until it has noticed. */
  async #leave(peer: RawPeer): Promise<void> {
    await peer.close()
    this.#open -= 1
    await this.#untilAllAreGone()
  }

  async #untilAllAreGone(): Promise<void> {
    while ((await this.#observer.command('workers')).length > this.#open + 1);
    // gearmand takes a connection off its list before it lets go of its jobs. Its one thread for commands goes from
    // I/O thread to I/O thread: what is gone now is let go of by the end of the round that answers the next
    // command, and the one after that is answered in a later round (libgearman-server/gearmand_con.cc, _proc).
    for (let round = 0; round < 2; round += 1) await this.#observer.command('workers')
  }
}

/** A connection of this name is not part of the play. */
const OBSERVER = 'observer'

/** A packet as a script writes it: its name, or any number, and its arguments. */
export type ScriptedPacket = readonly [type: PacketName | number, ...args: (string | Buffer)[]]

/** One connection of a script. */
export class Actor {
  readonly peer: RawPeer
  readonly #name: string
  readonly #transcript: string[]
  readonly #leave: () => Promise<void>

  constructor(peer: RawPeer, name: string, transcript: string[], leave: () => Promise<void>) {
    this.#leave = leave
    this.peer = peer
    this.#name = name
    this.#transcript = transcript
  }

  /** Sends packets, given as `[name, ...arguments]`, and writes down all answers. */
  async play(...packets: readonly ScriptedPacket[]): Promise<RawReply[]> {
    for (const [type, ...args] of packets) this.peer.send(type, ...args)
    return await this.listen()
  }

  /** Sends text as it is, and writes down all answers. */
  async say(text: string): Promise<RawReply[]> {
    this.peer.sendText(text)
    return await this.listen()
  }

  /** Sends bytes as they are, and writes down all answers. */
  async sendBytes(bytes: Buffer): Promise<RawReply[]> {
    this.peer.sendBytes(bytes)
    return await this.listen()
  }

  /** Writes down what came since. */
  async listen(): Promise<RawReply[]> {
    const replies = await this.peer.sync()
    this.#note(replies)
    return replies
  }

  /** Writes down what came since, and whether the server closed the connection instead of going on. */
  async listenOrEnd(): Promise<{
    readonly replies: readonly RawReply[]
    readonly isOpen: boolean
  }> {
    const heard = await this.peer.syncOrEnd()
    this.#note(heard.replies)
    if (!heard.isOpen) this.#transcript.push(`${this.#name} is closed by the server`)
    return heard
  }

  /** Waits for one answer, and writes it down. */
  async hear(): Promise<void> {
    this.#note([await this.peer.next()])
  }

  /**
   * {@link hear}, of a worker that sleeps. It asks again after a while: gearmand may lose the NOOP for a job that it takes
   * back from another one, see `TestWorker.nextReturnedJob`.
   */
  async hearInSleep(): Promise<void> {
    let hasAsked = false
    const timer = setInterval(() => {
      hasAsked = true
      this.peer.send('PRE_SLEEP')
    }, ASK_AGAIN_MS)
    const first = await this.peer.next().finally(() => clearInterval(timer))
    this.#note([first])
    if (!hasAsked) return
    // The answers to what was asked again say the same once more.
    const more = await this.peer.sync()
    this.#note(more.filter((reply) => showReply(reply) !== showReply(first)))
  }

  /** Waits for WORK_FAIL of the job that has this number, and writes down all that came until then. */
  async untilFailed(number: number): Promise<void> {
    for (;;) {
      const reply = await this.peer.next()
      this.#note([reply])
      if (reply.kind !== 'packet' || reply.name !== 'WORK_FAIL') continue
      if (reply.args[0]?.endsWith(`:${number}`) === true) return
    }
  }

  /** Submits, and gives the handle back. */
  async submit(type: PacketName, ...args: string[]): Promise<string> {
    this.peer.send(type, ...args)
    const replies = await this.listen()
    for (const reply of replies) {
      if (reply.kind === 'packet' && reply.name === 'JOB_CREATED') return reply.args[0] ?? ''
    }
    return ''
  }

  /** Writes down what came until the server closed the connection. */
  async untilClosed(): Promise<void> {
    const replies: RawReply[] = []
    try {
      for (;;) replies.push(await this.peer.next())
    } catch (error) {
      this.#note(replies)
      this.#transcript.push(`${this.#name} ${String(error)}`)
    }
  }

  /** Writes down what came until the server closed the connection, or said ERR to `show unique`. */
  async untilClosedOrErr(): Promise<void> {
    const replies: RawReply[] = []
    try {
      for (;;) {
        const reply = await this.peer.next()
        replies.push(reply)
        if (reply.kind === 'text' && reply.text.includes('UNKNOWN_SHOW')) break
      }
      this.#note(replies)
    } catch (error) {
      this.#note(replies)
      this.#transcript.push(`${this.#name} ${String(error)}`)
    }
  }

  /** Leaves, and waits until the server has noticed. */
  async leave(): Promise<void> {
    await this.#leave()
  }

  #note(replies: readonly RawReply[]): void {
    const lines = replies.map(normalised).filter((line) => !line.includes(` ${OBSERVER} :`))
    for (const reply of sortTables(lines)) {
      this.#transcript.push(`${this.#name} ${shortened(reply)}`)
    }
  }
}

/** Long for a NOOP that is under way, short for a test. */
const ASK_AGAIN_MS = 5_000

/** What is longer is shown by its front, its length and a digest. */
const MAX_SHOWN_CHARACTERS = 10_000

function shortened(line: string): string {
  if (line.length <= MAX_SHOWN_CHARACTERS) return line
  const digest = createHash('sha1').update(line).digest('hex')
  return `${line.slice(0, 100)}... ${line.length} characters, ${digest}`
}

/** A script, played against one server. */
export type Script = (stage: Stage) => Promise<void>

/** Both servers, started alike. */
export interface Settings {
  readonly options?: ServerOptions
  readonly args?: readonly string[]
}

/** The gearmand that the bundled server follows. */
const VERSION = '1.1.20'

/** `describe` for comparisons with gearmand 1.1.20; with another version, or none, they are skipped. */
export function describeParity(name: string, body: () => void): void {
  const binary = findGearmand()
  const version = binary === undefined ? '' : String(spawnSync(binary, ['--version']).stdout)
  if (binary === undefined || version.includes(` ${VERSION}`)) {
    describeWithGearmand(name, body)
    return
  }
  const reason = `the comparison is with gearmand ${VERSION}, not with ${version.trim()}`
  console.warn(`SKIPPED: "${name}": ${reason}`)
  describe.skip(`${name} [skipped: ${reason}]`, body)
}

/** Plays a script against both servers; they must say the same, byte for byte. */
export function parity(name: string, script: Script, settings: Settings = {}): void {
  test(name, async () => {
    const theirs = await playGearmand(script, settings)
    const ours = await playOurs(script, settings)
    expect(ours).toEqual(theirs)
    expect(ours.length).toBeGreaterThan(0)
  })
}

/** Plays a script against both servers, which say different things for a reason. */
export function difference(
  name: string,
  reason: string,
  script: Script,
  expected: { readonly gearmand: readonly string[]; readonly ours: readonly string[] },
  settings: Settings = {},
): void {
  test(`${name} (differs: ${reason})`, async () => {
    expect(await playGearmand(script, settings)).toEqual(expected.gearmand)
    expect(await playOurs(script, settings)).toEqual(expected.ours)
  })
}

/** Plays a script with gearmand; gives its transcript back. */
export async function playGearmand(script: Script, settings: Settings): Promise<string[]> {
  return await withGearmand(settings, (port) => playOn(port, script))
}

/** Plays a script with the bundled server; gives its transcript back. */
export async function playOurs(script: Script, settings: Settings): Promise<string[]> {
  return await withOurs(settings, (port) => playOn(port, script))
}

/** Starts gearmand, calls back with its port, and ends it. */
export async function withGearmand<T>(
  { args = [] }: Settings,
  use: (port: number) => Promise<T>,
): Promise<T> {
  const gearmand = await startGearmand({ args })
  try {
    return await use(gearmand.port)
  } finally {
    await gearmand.stop('SIGKILL')
  }
}

/** Starts the bundled server, calls back with its port, and closes it. */
export async function withOurs<T>(
  { options }: Settings,
  use: (port: number) => Promise<T>,
): Promise<T> {
  await using server = new GearmanServer({ ...options, port: 0 })
  const { port } = await server.listen()
  return await use(port)
}

/** Plays a script with a server that runs already; gives its transcript back. */
export async function playOn(port: number, script: Script): Promise<string[]> {
  const stage = await Stage.open(port)
  try {
    await script(stage)
    return stage.transcript()
  } finally {
    stage.end()
  }
}

/** File descriptors, process ids and versions are each server's own. */
function normalised(reply: RawReply): string {
  if (reply.kind === 'packet') return showReply(reply)
  const text = reply.text
    .replace(/^\d+ (?=127\.0\.0\.1 )/, 'FD ')
    .replace(/^OK 1\.1\.20.*\n/, 'OK VERSION\n')
    .replace(/^OK \d+\n/, 'OK PID\n')
  return showReply({ kind: 'text', text })
}

/** gearmand's tables come in the order of its hashes: rows are compared as a set. */
function sortTables(lines: readonly string[]): string[] {
  const sorted: string[] = []
  let rows: string[] = []
  for (const line of lines) {
    if (line === '".\\n"') {
      sorted.push(...rows.sort(), line)
      rows = []
    } else if (/^".*\\n"$/.test(line) && !/^"(OK|ERR)/.test(line)) {
      rows.push(line)
    } else {
      sorted.push(...rows, line)
      rows = []
    }
  }
  return [...sorted, ...rows]
}

/** Handles without the name of the machine: H1, H2 and so on, since each script has a server to itself. */
function shortenHandles(lines: readonly string[]): string[] {
  return lines.map((line) => line.replaceAll(`H:${hostname()}:`, 'H'))
}
