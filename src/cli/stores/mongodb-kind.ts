import { MongodbStore } from '../../server/index.ts'
import { UsageError } from '../usage-error.ts'
import type { StoreKind } from './store-kind.ts'
import { textRow } from './store-rows.ts'

/** `--queue-type mongodb`, which gearmand does not have. */
export const MONGODB_KIND: StoreKind = {
  names: ['mongodb'],
  section: {
    title: 'mongodb (not in gearmand)',
    options: [
      textRow('mongodb-url', 'a URL', { help: 'MongoDB connection string.' }),
      textRow('mongodb-queue', 'a name', {
        shownDefault: 'default',
        help: 'Name of the queue: servers with different names may share a database.',
      }),
    ],
  },
  create(values) {
    const url = values.text('mongodb-url')
    if (url === undefined) {
      throw new UsageError('--queue-type mongodb needs --mongodb-url mongodb://HOST/DATABASE')
    }
    return new MongodbStore({ url, queueName: values.text('mongodb-queue') })
  },
}
