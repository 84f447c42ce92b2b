import type { ReplySlot } from '../connection/session.ts'
import { createLog } from '../core/log.ts'
import { parseStatus } from '../protocol/admin-replies.ts'
import { type AdminReply, isErrorLine, TABLE_END } from '../protocol/admin-reply.ts'
import type { LineSlot } from './client-session.ts'

const log = createLog('client')

/** What one server says of its queues (text command `status`), and what was sent to it since. */
export class QueueReport implements ReplySlot, LineSlot {
  position = 0
  readonly #server: string
  #jobs: ReadonlyMap<string, number> | undefined
  /** Background jobs by task: their acceptance leaves no trace here otherwise. */
  #sentSince = new Map<string, number>()
  #sentSinceAsked = new Map<string, number>()
  #lines: string[] = []
  #isAsked = false
  #isRefused = false

  constructor(server: string) {
    this.#server = server
  }

  /** Whether to ask again: the last answer has come, and was no refusal. */
  get isWanted(): boolean {
    return !this.#isAsked && !this.#isRefused
  }

  /** The command is being sent. */
  begin(): void {
    this.#isAsked = true
    this.#sentSinceAsked = new Map()
  }

  /** Jobs of a task, as far as they are known; `undefined` before the first report. */
  jobs(task: string): number | undefined {
    if (this.#jobs === undefined) return undefined
    return (this.#jobs.get(task) ?? 0) + (this.#sentSince.get(task) ?? 0)
  }

  /** A background job was sent. */
  onSent(task: string): void {
    this.#sentSince.set(task, (this.#sentSince.get(task) ?? 0) + 1)
    if (this.#isAsked) this.#sentSinceAsked.set(task, (this.#sentSinceAsked.get(task) ?? 0) + 1)
  }

  accepts(): boolean {
    return false
  }

  onReply(): void {}

  onLine(line: string): boolean {
    this.#lines.push(line)
    if (line !== TABLE_END && !(this.#lines.length === 1 && isErrorLine(line))) return false
    const reply: AdminReply = { command: 'status', server: this.#server, lines: this.#lines }
    this.#lines = []
    this.#isAsked = false
    this.#read(reply)
    return true
  }

  onServerError(error: Error): void {
    this.#refuse(error)
  }

  onLost(): void {}

  #read(reply: AdminReply): void {
    try {
      this.#jobs = new Map(parseStatus(reply).map(({ task, queued }) => [task, queued]))
      this.#sentSince = this.#sentSinceAsked
    } catch (error) {
      this.#refuse(error)
    }
  }

  /** A server that does not tell is chosen by what is known here. */
  #refuse(error: unknown): void {
    log('%s does not report its queues: %s', this.#server, error)
    this.#isRefused = true
    this.#jobs = undefined
  }
}
