import { InvalidArgumentError } from 'gearman-sdk'
import { MysqlStore, type MysqlStoreOptions } from 'gearman-sdk/server'
import { describe, expect, test } from 'vitest'
import { resolveMysqlOptions } from '../../../../src/server/mysql/mysql-options.ts'

const database = 'gearman'

describe('options of a MySQL store', () => {
  test('a URL has all parts, decoded, and options beside it come first', () => {
    const url = 'mysql://us%40er:p%2Fw@[::1]:3307/data%20base'
    expect(resolveMysqlOptions({ url })).toMatchObject({
      host: '::1',
      port: 3307,
      user: 'us@er',
      password: 'p/w',
      database: 'data base',
    })
    const beside = { host: 'db', port: 1, user: 'u', password: '', database: 'd' }
    expect(resolveMysqlOptions({ url, ...beside })).toMatchObject(beside)
    expect(resolveMysqlOptions({ url: 'mariadb://db/d' })).toMatchObject({ host: 'db', port: 3306 })
  })

  test.each([
    [{ database }, 'mysql 127.0.0.1:3306/gearman'],
    [{ url: 'mysql://u:secret@[::1]/d', queueName: 'b' }, 'mysql [::1]:3306/d queue b'],
    [{ database, socketPath: '/run/mysqld.sock' }, 'mysql /run/mysqld.sock/gearman'],
  ])('%j is called by its place, without a password', (options, name) => {
    expect(new MysqlStore(options).name).toBe(name)
  })

  test.each([
    ['options', undefined],
    ['database', {}],
    ['database', { database: '' }],
    ['url', { url: 'no url' }],
    ['url', { url: 'postgres://db/d' }],
    ['url', { url: 'mysql://db/d?ssl=true' }],
    ['url', { url: 'mysql://u:pass#word@db/d' }],
    ['url', { url: 'mysql://u:100%@db/d' }],
    ['port', { database, port: 0 }],
    ['host', { database, host: '' }],
    ['user', { database, user: 5 }],
    ['password', { database, password: 5 }],
    ['tls', { database, tls: 'yes' }],
    ['socketPath', { database, socketPath: 'a\0b' }],
    ['queueName', { database, queueName: 'q'.repeat(65) }],
    ['gearmandTable', { database, gearmandTable: '' }],
    ['timeout', { database, timeout: 0 }],
    ['timeout', { database, timeout: Number.POSITIVE_INFINITY }],
  ])('%s: %j is refused', (argument, options) => {
    const make = (): MysqlStore => new MysqlStore(options as unknown as MysqlStoreOptions)
    expect(make).toThrow(InvalidArgumentError)
    expect(make).toThrow(expect.objectContaining({ argument }))
  })

  test.each([['mysql://u:secret#word@db/d'], ['mysql://u:secret%word@db/d'], ['//u:secret@db/d']])(
    'the error about %s does not show it',
    (url) => {
      expect(() => new MysqlStore({ url })).toThrow(/^url (?!.*secret)/)
    },
  )
})
