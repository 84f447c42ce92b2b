/**
 * For the tests of those who build on this package: `import { queueStoreContract } from 'gearman-sdk/testing'`.
 *
 * @module
 */
export {
  type QueueStoreCheck,
  type QueueStoreContractOptions,
  queueStoreContract,
} from './queue-store-contract.ts'
export type { QueueStoreFixture } from './queue-store-fixture.ts'
