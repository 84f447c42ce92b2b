import { isIPv6 } from 'node:net'
import { RedisStore } from '../../server/index.ts'
import { UsageError } from '../usage-error.ts'
import type { StoreKind } from './store-kind.ts'
import { portRow, textRow } from './store-rows.ts'
import type { StoreValues } from './store-values.ts'

/** `--queue-type redis`, with gearmand's options. */
export const REDIS_KIND: StoreKind = {
  names: ['redis'],
  section: {
    title: 'redis',
    options: [
      textRow('redis-server', 'a host', { shownDefault: '127.0.0.1', help: 'Redis server.' }),
      portRow('redis-port', { shownDefault: '6379', help: 'Redis server port/service.' }),
      textRow('redis-password', 'a password', { help: 'Redis server password.' }),
      textRow('redis-prefix', 'a prefix', {
        shownDefault: '_gear_',
        help: "Prefix of gearmand's keys: its jobs are taken over.",
      }),
      textRow('redis-url', 'a URL', {
        help: 'All in one: redis://:PASSWORD@HOST:PORT/DB; rediss:// for TLS.',
      }),
      textRow('redis-queue', 'a name', {
        shownDefault: 'default',
        help: 'Name of the queue: servers with different names may share a Redis.',
      }),
    ],
  },
  create: (values) =>
    new RedisStore({
      url: urlOf(values),
      queueName: values.text('redis-queue'),
      gearmandPrefix: values.text('redis-prefix'),
    }),
}

function urlOf(values: StoreValues): string {
  const host = values.text('redis-server')
  const port = values.integer('redis-port')
  const password = values.text('redis-password')
  const url = values.text('redis-url')
  if (url !== undefined) {
    if (host !== undefined || port !== undefined || password !== undefined) {
      throw new UsageError('--redis-url and --redis-server, -port, -password name two places')
    }
    return url
  }
  const login = password === undefined ? '' : `:${encodeURIComponent(password)}@`
  const place = host !== undefined && isIPv6(host) ? `[${host}]` : (host ?? '127.0.0.1')
  return `redis://${login}${place}:${port ?? 6379}`
}
