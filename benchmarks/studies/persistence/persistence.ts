import type { Study } from '../../harness/study.ts'
import { lockedStore } from './locked.ts'
import { replay } from './replay.ts'
import { submitRates } from './submit-rates.ts'

/**
 * Persistent queues, each beside gearmand on a store of the same kind with the same durability: both are started by
 * their command lines. `--quick` replays fewer jobs and measures for a shorter time.
 */
export const persistence: Study = {
  name: 'persistence',
  title: 'each store beside gearmand on a store of the same kind',
  async run(_servers, { isQuick }) {
    await submitRates(isQuick ? 3000 : 10_000)
    await lockedStore(isQuick ? 2000 : 5000)
    await replay(isQuick ? 100_000 : 1_000_000)
  },
}
