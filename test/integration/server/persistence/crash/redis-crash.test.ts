import { onTestFinished, test } from 'vitest'
import { describeWithRedis, type RedisServer, startRedis } from '../../../../helpers/redis.ts'
import { expectNoLoss } from './expect-no-loss.ts'

/** A start takes a second on a busy machine, and the long form has hundreds. */
const TIMEOUT_MS = 30 * 60_000

async function useRedis(): Promise<RedisServer> {
  const redis = await startRedis()
  onTestFinished(() => redis.remove())
  return redis
}

describeWithRedis('a server on Redis loses no accepted job', () => {
  test('when it is killed at any moment', { timeout: TIMEOUT_MS }, async () => {
    const { url } = await useRedis()
    await expectNoLoss({ kind: 'redis', place: url }, 3)
  })

  test('when Redis is killed and started again under it', { timeout: TIMEOUT_MS }, async () => {
    const { url, process: database } = await useRedis()
    await expectNoLoss({ kind: 'redis', place: url }, 3, {
      kill: () => database.stop('SIGKILL'),
      start: () => database.start(),
    })
  })
})
