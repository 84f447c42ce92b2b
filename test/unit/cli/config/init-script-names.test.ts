import { describe, expect, it } from 'vitest'
import { isStoreName, storeWords } from '../../../../src/cli/config/init-script-names.ts'

describe('the PERSISTENT names of an init script', () => {
  it.each([
    [{}, []],
    [{ PERSISTENT: 'none', PERSISTENT_HOST: 'db' }, []],
    [{ PERSISTENT_HOST: 'db' }, []],
    [
      {
        PERSISTENT: 'mysql',
        PERSISTENT_HOST: 'db',
        PERSISTENT_PORT: '3307',
        PERSISTENT_PASS: 'a b',
        PERSISTENT_TABLE: '',
      },
      ['--queue-type=MySQL', '--mysql-host=db', '--mysql-port=3307', '--mysql-password=a b'],
    ],
    [
      {
        PERSISTENT: 'postgre',
        PERSISTENT_HOST: 'db',
        PERSISTENT_PASS: "it's",
        PERSISTENT_TABLE: 'q',
      },
      ['--queue-type=Postgres', '--libpq-table=q', "--libpq-conninfo=host='db' password='it\\'s'"],
    ],
    [
      { PERSISTENT: 'sqlite', PERSISTENT_FILE: '/q.db' },
      ['--queue-type=libsqlite3', '--libsqlite3-db=/q.db'],
    ],
    [
      { PERSISTENT: 'memcache', PERSISTENT_SERVERLIST: 'a,b' },
      ['--queue-type=libmemcached', '--libmemcached-servers=a,b'],
    ],
    [{ PERSISTENT: 'cloud' }, ['--queue-type=cloud']],
  ])('%j mean the words %j', (values, words) => {
    expect(storeWords(new Map(Object.entries(values)))).toEqual(words)
  })

  it.each([
    ['PERSISTENT', true],
    ['PERSISTENT_SOCKET', true],
    ['PERSISTENT_COLOUR', false],
    ['PERSIST', false],
  ])('%s is one: %s', (name, isOne) => {
    expect(isStoreName(name)).toBe(isOne)
  })
})
