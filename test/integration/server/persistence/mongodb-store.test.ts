import { GearmanErrorCode } from 'gearman-sdk'
import { GearmanServer, MongodbStore } from 'gearman-sdk/server'
import { MongoClient } from 'mongodb'
import { describe, expect, test } from 'vitest'
import { rejectionOf } from '../../../helpers/fixtures.ts'
import { findFreePort } from '../../../helpers/gearmand.ts'
import { describeStoreContract } from '../../../helpers/store-contract.ts'

const url = process.env['MONGODB_URL']

if (url === undefined) {
  // The one suite that CI does not run: no distribution has a MongoDB to install.
  console.warn('not run: the suite for MongoDB, since MONGODB_URL is not set')
  describe.skip('the MongoDB store [not run: MONGODB_URL is not set]', () => {
    test('keeps the contract of a queue store', () => undefined)
  })
} else {
  let queues = 0
  describeStoreContract('the MongoDB store', () => {
    queues += 1
    const queueName = `test-${process.pid}-${queues}`
    const { database } = /\/\/[^/]+\/(?<database>[^?]+)/.exec(url)?.groups ?? {}
    const change = async (
      action: (
        collection: ReturnType<ReturnType<MongoClient['db']>['collection']>,
      ) => Promise<unknown>,
      name = queueName,
    ): Promise<void> => {
      const client = await MongoClient.connect(url)
      await action(client.db(database ?? 'gearman').collection(`gearman_sdk_${name}`))
      await client.close()
    }
    return {
      createStore: () => new MongodbStore({ url, queueName }),
      createOtherStore: () => new MongodbStore({ url, queueName: `${queueName}-other` }),
      makeNewer: () =>
        change((queue) =>
          queue.updateOne({ highestKey: { $gte: 0 } }, { $set: { schemaVersion: 99 } }),
        ),
      addUnreadableRow: () => change((queue) => queue.insertOne({ functionName: 'text' })),
      remove: async () => {
        await change((queue) => queue.drop())
        await change((queue) => queue.drop(), `${queueName}-other`)
      },
    }
  })
}

test('a MongoDB that does not answer is one line, before the port opens', async () => {
  const place = `127.0.0.1:${await findFreePort()}`
  const store = new MongodbStore({ url: `mongodb://user:secret@${place}`, timeout: 3000 })
  const error = await rejectionOf(new GearmanServer({ port: 0, store }).listen())
  expect(error).toMatchObject({ code: GearmanErrorCode.Store, store: `mongodb ${place}/gearman` })
  expect(error.message).toContain(`mongodb ${place}/gearman cannot be used: connect ECONNREFUSED`)
  expect(error.message).not.toContain('secret')
})
