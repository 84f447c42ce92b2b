import { test } from 'vitest'
import { describeWithMemcached, startMemcached } from '../../../../helpers/memcached.ts'
import { expectNoLoss } from './expect-no-loss.ts'

/** A start takes a second on a busy machine, and the long form has hundreds. */
const TIMEOUT_MS = 30 * 60_000

describeWithMemcached('a server on a memcached that stays', () => {
  test('loses no accepted job when it is killed at any moment', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const memcached = await startMemcached()
    try {
      await expectNoLoss({ kind: 'memcached', place: memcached.address }, 3)
    } finally {
      await memcached.process.stop()
    }
  })
})
