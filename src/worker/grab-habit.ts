/** So many grabs in a row that were sent behind a job and brought nothing make a habit of sleeping instead. */
const VAIN_GRABS = 8
/** Then one in so many is sent all the same: it shows when more jobs wait. */
const TRIAL_EVERY = 16

/**
 * What to send behind a job, when no grab is under way and a slot is free: another grab, or PRE_SLEEP at once.
 *
 * Jobs that come one by one leave nothing behind them, and a grab in vain costs the worker and its server a packet
 * and a waking each, a fifth of their time. PRE_SLEEP loses nothing: a server with jobs answers it with NOOP
 * (gearmand: libgearman-server/server.cc, GEARMAN_COMMAND_PRE_SLEEP).
 */
export class GrabHabit {
  #isCalled = false
  /** Whether the last grabs were sent behind a job, not because the server has called, and none is answered yet. */
  #isBehindJob = false
  #vain = 0
  #decisions = 0

  /** There is another reason to grab: NOOP has come, or a task was registered. */
  onCall(): void {
    this.#isCalled = true
  }

  /** One or more grabs are sent: the first answer tells whether that was worth it. */
  onGrab(): void {
    this.#isBehindJob = !this.#isCalled
    this.#isCalled = false
  }

  /** A grab brought a job. */
  onJob(): void {
    if (this.#isBehindJob) this.#vain = 0
    this.#isBehindJob = false
  }

  /** A grab brought nothing. */
  onNoJob(): void {
    if (this.#isBehindJob) this.#vain += 1
    this.#isBehindJob = false
  }

  /** Decides whether to grab; asked once for each decision. */
  shouldGrab(): boolean {
    if (this.#isCalled || this.#vain < VAIN_GRABS) return true
    this.#decisions = (this.#decisions + 1) % TRIAL_EVERY
    return this.#decisions === 0
  }
}
