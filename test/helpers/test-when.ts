import { describe, test } from 'vitest'
import { isEverySuiteRequired } from './gearmand.ts'

/**
 * A test that not every machine can run. Where it cannot it is skipped, with the reason in its name and on
 * stderr, or fails when `GEARMAN_TEST_REQUIRE_ALL=1`.
 */
export function testWhen(
  isPossible: boolean,
  reason: string,
  name: string,
  body: () => Promise<void>,
): void {
  if (isPossible) {
    test(name, body)
  } else if (isEverySuiteRequired()) {
    test(name, () => {
      throw new Error(`${reason}, and GEARMAN_TEST_REQUIRE_ALL=1 allows no skipped test`)
    })
  } else {
    console.warn(`SKIPPED: "${name}": ${reason}`)
    test.skip(`${name} [skipped: ${reason}]`, body)
  }
}

/** A suite that not every machine can run: see {@link testWhen}. */
export function describeWhen(
  isPossible: boolean,
  reason: string,
  name: string,
  body: () => void,
): void {
  if (isPossible) {
    describe(name, body)
  } else if (isEverySuiteRequired()) {
    describe(name, () => {
      test('has what it needs', () => {
        throw new Error(`${reason}, and GEARMAN_TEST_REQUIRE_ALL=1 allows no skipped suite`)
      })
    })
  } else {
    console.warn(`SKIPPED: "${name}": ${reason}`)
    describe.skip(`${name} [skipped: ${reason}]`, body)
  }
}
