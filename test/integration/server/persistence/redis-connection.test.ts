import { expect, onTestFinished, test } from 'vitest'
import { loadDriver } from '../../../../src/server/redis/driver.ts'
import { RedisConnection } from '../../../../src/server/redis/redis-connection.ts'
import { describeWithRedis, startRedis } from '../../../helpers/redis.ts'

describeWithRedis('a connection to Redis', () => {
  test('is dialled once for all who need it at the same time, and closed as a whole', async () => {
    const redis = await startRedis()
    onTestFinished(() => redis.remove())
    const address = { host: '127.0.0.1', port: redis.port, db: 0 }
    const connection = new RedisConnection(await loadDriver(), address, 15_000)
    const names = async (): Promise<number> =>
      String(await redis.run('CLIENT', 'LIST')).split('name=gearman-sdk').length - 1
    // A commit and a renewal of the lock, when the connection was lost.
    await Promise.all([connection.call('PING'), connection.call('PING'), connection.call('PING')])
    expect(await names()).toBe(1)
    connection.close()
    await expect.poll(names, { timeout: 30_000 }).toBe(0)
  })
})
