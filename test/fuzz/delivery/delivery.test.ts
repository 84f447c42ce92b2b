import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { story } from './events.ts'
import { DeliveryModel } from './model.ts'
import { DeliveryScene } from './scene.ts'

/** Many runs are work for seconds where nothing else runs: a busy machine is slow, not broken. */
vi.setConfig({ testTimeout: 300_000 })

const RUNS = 3000

describe('the state of each request', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  /** Promises of promises: more turns than any chain here has links. */
  async function settle(): Promise<void> {
    for (let turn = 0; turn < 12; turn += 1) await Promise.resolve()
  }

  test('is that of a simple model, whatever happens in whatever order; every call settles', async () => {
    const counts: Record<string, number> = {}
    await fc.assert(
      fc.asyncProperty(story, async (events) => {
        vi.useFakeTimers() // Here: fast-check has timers of its own.
        const [model, scene] = [new DeliveryModel(), new DeliveryScene()]
        const seen = (): unknown => model.requests.map((request) => request.seen)
        for (const event of events) {
          model.apply(event)
          scene.apply(event)
          await settle()
          expect(scene.seen).toEqual(seen())
          expect(
            scene.servers.map(({ unanswered, session }) => (session ? unanswered : 0)),
          ).toEqual(model.servers.map(({ queue }) => queue.length))
        }
        model.shutDown()
        scene.shutDown()
        await settle()
        expect(scene.seen).toEqual(seen())
        expect(scene.seen.filter(({ call }) => call === 'open')).toEqual([])
        expect(vi.getTimerCount()).toBe(0)
        vi.useRealTimers()
        for (const { state, delivery, error = 'no error' } of scene.seen) {
          const kind = `${state} ${delivery} ${error}`
          counts[kind] = (counts[kind] ?? 0) + 1
        }
      }),
      { numRuns: RUNS },
    )
    // What never happens proves nothing.
    for (const kind of [
      'COMPLETE accepted no error',
      'FAILED not-sent ServerError',
      'FAILED unknown ServerError',
      'UNKNOWN accepted no error',
      'UNKNOWN unknown no error',
      'UNKNOWN unknown ExceededConnectionAttempts',
      'UNKNOWN unknown JobLostError',
      'UNKNOWN accepted JobLostError',
      'UNKNOWN not-sent ServerUnavailable',
      'UNKNOWN not-sent ConnectionError',
      'UNKNOWN not-sent no error',
    ]) {
      expect(counts[kind], kind).toBeGreaterThan(0)
    }
    console.info(`${RUNS} stories ended as`, counts)
  })
})
