/** More jobs than a machine can run in the long form. What is kept of each is a byte, reserved beforehand. */
const MAX_JOBS = 8_000_000
const MAX_FAULTS_KEPT = 20

/** What is known of all jobs of a run, without memory that grows with them. */
export class LoadRecord {
  /** What was not as it should be; the first of it. */
  readonly wrong: string[] = []
  readonly counts: Map<string, number> = new Map()
  wrongCount = 0
  /** The longest that a call took, and the longest that one went on after its deadline, in milliseconds. */
  slowestMs = 0
  latestMs = 0
  readonly #runs = new Uint8Array(MAX_JOBS)
  readonly #accepted = new Uint8Array(MAX_JOBS)
  readonly #unsent = new Uint8Array(MAX_JOBS)
  #lastId = 0

  /** The number of a new job. */
  newId(): number {
    this.#lastId += 1
    if (this.#lastId >= MAX_JOBS) throw new Error('too many jobs: reserve more')
    return this.#lastId
  }

  /** How many jobs there were. */
  get jobs(): number {
    return this.#lastId
  }

  /** One more of something. */
  count(what: string, by = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + by)
  }

  /** Something is not as it should be. */
  blame(what: string): void {
    this.wrongCount += 1
    if (this.wrong.length < MAX_FAULTS_KEPT) this.wrong.push(what)
  }

  /** A call has settled. */
  onSettled(elapsedMs: number, deadlineMs: number): void {
    this.slowestMs = Math.max(this.slowestMs, elapsedMs)
    this.latestMs = Math.max(this.latestMs, elapsedMs - deadlineMs)
  }

  /** A worker runs a job. */
  onRun(id: number): void {
    const runs = this.#runs[id]
    if (runs === undefined || id > this.#lastId) this.blame(`a job that nobody sent: ${id}`)
    else if (runs < 255) this.#runs[id] = runs + 1
  }

  /** The server has said that it has a background job. */
  onAccepted(id: number): void {
    this.#accepted[id] = 1
  }

  /** The client has said that a job was never sent. */
  onUnsent(id: number): void {
    this.#unsent[id] = 1
  }

  /** What must hold in the end. */
  summary(): {
    readonly accepted: number
    readonly lost: readonly number[]
    readonly ranUnsent: readonly number[]
    readonly ran: number
    readonly ranTwice: number
  } {
    const lost: number[] = []
    const ranUnsent: number[] = []
    let accepted = 0
    let ran = 0
    let ranTwice = 0
    for (let id = 1; id <= this.#lastId; id += 1) {
      const runs = this.#runs[id] ?? 0
      if (runs > 0) ran += 1
      if (runs > 1) ranTwice += 1
      if (this.#unsent[id] === 1 && runs > 0) ranUnsent.push(id)
      if (this.#accepted[id] !== 1) continue
      accepted += 1
      if (runs === 0) lost.push(id)
    }
    return { accepted, lost, ranUnsent, ran, ranTwice }
  }
}
