import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { PatientTimer } from '../../../src/core/patient-timer.ts'

/** Lets this process stand still. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

/** A timer, and when it has ended. */
function startTimer(limitMs: number): {
  readonly timer: PatientTimer
  readonly onEnd: ReturnType<typeof vi.fn>
  readonly ended: Promise<void>
} {
  const onEnd = vi.fn<() => void>()
  let timer: PatientTimer | undefined
  const ended = new Promise<void>((resolve) => {
    timer = new PatientTimer(limitMs, () => {
      onEnd()
      resolve()
    })
  })
  if (timer === undefined) throw new Error('a Promise executor runs at once')
  return { timer, onEnd, ended }
}

describe('a patient timer', () => {
  it('calls at its end, once', async () => {
    const { onEnd, ended } = startTimer(1)
    await ended
    await nextTurn()
    expect(onEnd).toHaveBeenCalledTimes(1)
  })

  it('gives the time in which the process stood still once more', async () => {
    const { onEnd, ended } = startTimer(10)
    standStill(100)
    // Timers come first: a plain one would have ended by now.
    await nextTurn()
    await nextTurn()
    expect(onEnd).not.toHaveBeenCalled()
    await ended
  })

  it('ends when the process stands still again and again', async () => {
    const { ended } = startTimer(10)
    const stalls = setInterval(() => standStill(30), 1)
    await ended
    clearInterval(stalls)
  })

  it.each([
    ['before its end', 0],
    ['while what has come is read', 100],
  ])('does not call when it is stopped %s', async (_when, stallMs) => {
    const { timer, onEnd } = startTimer(10)
    standStill(stallMs)
    await nextTurn()
    timer.stop()
    const other = startTimer(50)
    await other.ended
    expect(onEnd).not.toHaveBeenCalled()
  })

  it('may be stopped twice, and after its end', async () => {
    const { timer, onEnd, ended } = startTimer(1)
    await ended
    timer.stop()
    timer.stop()
    expect(onEnd).toHaveBeenCalledTimes(1)
  })
})
