import { MemcachedStore } from '../../server/index.ts'
import type { StoreKind } from './store-kind.ts'
import { textRow } from './store-rows.ts'

/** `--queue-type libmemcached`, with gearmand's options. */
export const MEMCACHED_KIND: StoreKind = {
  names: ['libmemcached', 'memcached'],
  section: {
    title: 'libmemcached',
    options: [
      textRow('libmemcached-servers', 'HOST:PORT between commas', {
        shownDefault: '127.0.0.1:11211',
        help: 'List of Memcached servers to use. They keep jobs in memory, and may evict them.',
      }),
      textRow('libmemcached-prefix', 'a prefix', {
        shownDefault: 'gear_',
        help: "Prefix of gearmand's keys: its jobs are taken over.",
      }),
      textRow('libmemcached-queue', 'a name', {
        shownDefault: 'default',
        help: 'Name of the queue: servers with different names may share them.',
      }),
    ],
  },
  create: (values) =>
    new MemcachedStore({
      servers: values.text('libmemcached-servers'),
      queueName: values.text('libmemcached-queue'),
      gearmandPrefix: values.text('libmemcached-prefix'),
    }),
}
