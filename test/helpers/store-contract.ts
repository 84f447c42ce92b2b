import { type QueueStoreContractOptions, queueStoreContract } from 'gearman-sdk/testing'
import { describe, test } from 'vitest'

/** The conformance suite, as tests of this project. */
export function describeStoreContract(
  name: string,
  prepare: QueueStoreContractOptions['prepare'],
): void {
  describe(`${name} keeps the contract of a queue store`, () => {
    for (const check of queueStoreContract({ prepare })) {
      test(check.name, async (context) => {
        const skipped = await check.run()
        if (skipped !== undefined) context.skip(skipped)
      })
    }
  })
}
