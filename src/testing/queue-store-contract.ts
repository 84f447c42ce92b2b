import { COMMIT_CHECKS } from './commit-checks.ts'
import { OPENING_CHECKS } from './opening-checks.ts'
import { OUTCOME_CHECKS } from './outcome-checks.ts'
import type { QueueStoreFixture } from './queue-store-fixture.ts'
import { ROUND_TRIP_CHECKS } from './round-trip-checks.ts'
import { Inapplicable, type StoreCheck } from './store-check.ts'
import { StoreRun } from './store-run.ts'

/** What {@link queueStoreContract} needs. */
export interface QueueStoreContractOptions {
  /** Makes room for one check: an empty queue that no other check uses. Called once for each check. */
  prepare(): QueueStoreFixture | Promise<QueueStoreFixture>
}

/** One thing that every store must do. */
export interface QueueStoreCheck {
  /** What it is about, as a sentence: the name of a test. */
  readonly name: string
  /**
   * Runs it, in at most a few seconds.
   *
   * Rejects with an `AssertionError` of `node:assert` when the store does something else, and with whatever
   * the store rejects with.
   *
   * @returns why it does not apply to this store, and was skipped; `undefined` when it passed
   */
  run(): Promise<string | undefined>
}

/**
 * The conformance suite for a `QueueStore` of `gearman-sdk/server`: what a job server relies on, as a list of checks for any
 * test runner.
 *
 * ```ts
 * for (const { name, run } of queueStoreContract({ prepare: () => ({ createStore: () => new MyStore() }) })) {
 *   test(name, async (context) => {
 *     const skipped = await run()
 *     if (skipped !== undefined) context.skip(skipped)
 *   })
 * }
 * ```
 */
export function queueStoreContract(options: QueueStoreContractOptions): readonly QueueStoreCheck[] {
  const checks = [...ROUND_TRIP_CHECKS, ...COMMIT_CHECKS, ...OUTCOME_CHECKS, ...OPENING_CHECKS]
  return checks.map(({ name, check }) => ({
    name,
    run: () => runCheck(options, check),
  }))
}

async function runCheck(
  options: QueueStoreContractOptions,
  check: StoreCheck['check'],
): Promise<string | undefined> {
  const fixture = await options.prepare()
  const run = new StoreRun(fixture)
  try {
    await check(run)
    return undefined
  } catch (error) {
    if (error instanceof Inapplicable) return error.message
    throw error
  } finally {
    await run.closeAll()
    await fixture.remove?.()
  }
}
