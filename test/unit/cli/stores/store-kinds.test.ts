import { describe, expect, it } from 'vitest'
import { readInvocation } from '../../../../src/cli/read-invocation.ts'
import type { ServerSettings } from '../../../../src/cli/server-settings.ts'

function settings(line: string): ServerSettings {
  const invocation = readInvocation(line.split(' '), {})
  if (invocation.action !== 'run') throw new Error(`it is ${invocation.action}`)
  return invocation.settings
}

describe('the store that options name', () => {
  it.each([
    ['-q builtin', undefined],
    ['-q libsqlite3 --libsqlite3-db=/q.db', 'sqlite /q.db'],
    ['-q LibSQLite3 --libsqlite3-db /q.db --libsqlite3-table old', 'sqlite /q.db'],
    ['--queue-type=sqlite --libsqlite3-db=/q.db', 'sqlite /q.db'],
    ['-q mongodb --mongodb-url=mongodb://u:p@db', 'mongodb db/gearman'],
    [
      '-q MongoDB --mongodb-url=mongodb://db/jobs --mongodb-queue mail',
      'mongodb db/jobs queue mail',
    ],
    ['-q LibTokyoCabinet --libtokyocabinet-file=/q.tch', 'tokyocabinet /q.tch'],
    ['-q tokyocabinet --libtokyocabinet-file /q.tcb', 'tokyocabinet /q.tcb'],
    ['--data-dir /data', 'sqlite /data/gearman.db'],
    ['-q sqlite --data-dir /data', 'sqlite /data/gearman.db'],
    ['-q redis', 'redis 127.0.0.1:6379/0'],
    ['-q libmemcached', 'memcached 127.0.0.1:11211'],
    [
      '-q memcached --libmemcached-servers=a,b:7000 --libmemcached-queue q',
      'memcached a:11211,b:7000 queue q',
    ],
    ['-q redis --redis-server ::1 --redis-port 7000 --redis-password p@/:', 'redis [::1]:7000/0'],
    ['-q redis --redis-url redis://:secret@cache/2 --redis-queue q', 'redis cache:6379/2 queue q'],
    ['-q postgres --libpq-conninfo=port=5433\tdbname=jobs\thost=db', 'postgres db:5433/jobs'],
    [
      '-q PostgreSQL --postgres-url postgres://a:secret@db/jobs --postgres-queue q',
      'postgres db:5432/jobs queue q',
    ],
    ['-q MySQL --mysql-db g', 'mysql 127.0.0.1:3306/g'],
    [
      '-q mysql --mysql-host=db --mysql-port 3307 --mysql-user u --mysql-password p --mysql-db g --mysql-table t --mysql-queue b',
      'mysql db:3307/g queue b',
    ],
    ['-q libdrizzle', 'mysql 127.0.0.1:3306/gearman'],
    ['-q drizzle --libdrizzle-uds /s --libdrizzle-db d --libdrizzle-mysql', 'mysql /s/d'],
  ])('%s', (line, name) => {
    expect(settings(line).server.store?.name).toBe(name)
  })

  it.each([
    ['-q libsqlite3', '--queue-type libsqlite3 needs --libsqlite3-db FILE, or --data-dir DIR'],
    ['-q mysql', '--queue-type MySQL needs --mysql-db NAME'],
    ['-q mysql --mysql-db g --mysql-port 0', '--queue-type MySQL: port must be a whole number'],
    ['-q mongodb', '--queue-type mongodb needs --mongodb-url mongodb://HOST/DATABASE'],
    ['-q libtokyocabinet', '--queue-type libtokyocabinet needs --libtokyocabinet-file FILE'],
    ['-q tokyocabinet --libtokyocabinet-file q', '--queue-type libtokyocabinet: file must be'],
    ['-q mongodb --mongodb-url=http://db', '--queue-type mongodb: url must be mongodb:'],
    ['-q builtin --data-dir /data', '--data-dir keeps jobs in SQLite, --queue-type is builtin'],
    [
      '--data-dir /data --libsqlite3-db /q.db',
      '--data-dir and --libsqlite3-db name two places for one queue',
    ],
    [
      '-q redis --redis-url redis://cache --redis-port 7000',
      '--redis-url and --redis-server, -port, -password name two places',
    ],
    ['-q memcached --libmemcached-servers :1', '--queue-type libmemcached: servers must be HOST'],
    ['-q redis --redis-url http://cache', '--queue-type redis: url must be like redis://'],
    [
      '-q postgres --postgres-url postgres://a --libpq-conninfo=host=b',
      '--postgres-url and --libpq-conninfo name two places',
    ],
    [
      '-q postgres --postgres-url mysql://a:secret@b/c',
      '--postgres-url must be like postgres://USER:PASSWORD@HOST/DATABASE',
    ],
    [
      '-q postgres --libpq-conninfo hots=db',
      '--queue-type Postgres: connectionString has the keyword hots',
    ],
  ])('%s is refused', (line, message) => {
    expect(() => settings(line)).toThrow(message)
  })

  it('options of a kind that is not used are said to do nothing', () => {
    expect(settings('--libsqlite3-db /q.db').notices).toContain(
      '--libsqlite3-db does nothing without --queue-type libsqlite3',
    )
    const used = settings('-q sqlite --libsqlite3-db /q.db').notices.join()
    expect(used).not.toContain('libsqlite3')
  })
})
