import { test } from 'vitest'
import { describeWithRedis, startRedis } from '../../../../helpers/redis.ts'
import { expectNoLoss } from './expect-no-loss.ts'

/** A start takes a second on a busy machine, and the long form has hundreds. */
const TIMEOUT_MS = 30 * 60_000

describeWithRedis('a server on Redis', () => {
  test('loses no accepted job when it is killed at any moment', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const redis = await startRedis()
    try {
      await expectNoLoss({ kind: 'redis', place: redis.url }, 3)
    } finally {
      await redis.remove()
    }
  })
})
