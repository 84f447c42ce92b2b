import { describe, expect, test } from 'vitest'
import { InvalidArgumentError } from '../../../../src/errors.ts'
import { parseConnection } from '../../../../src/server/postgres/connection-keywords.ts'

describe('a connection string of libpq', () => {
  test.each([
    ['', {}],
    ['host=db dbname=jobs', { host: 'db', dbname: 'jobs' }],
    ["  host = db\n port='5433' ", { host: 'db', port: '5433' }],
    [
      `password='it\\'s \\\\ here' user=a\\ b dbname=''`,
      { password: `it's \\ here`, user: 'a b', dbname: '' },
    ],
    ['host=/var/run/postgresql user=', { host: '/var/run/postgresql', user: '' }],
    ['hostaddr=::1 connect_timeout=5 keepalives=1', { hostaddr: '::1' }],
    ['host=first host=last', { host: 'last' }],
    ['postgres://', {}],
    ['postgresql:///jobs', { dbname: 'jobs' }],
    [
      'postgres://a%40b:p%3A%2F@db:5433/my%20jobs?sslmode=require',
      {
        user: 'a@b',
        password: 'p:/',
        host: 'db',
        port: '5433',
        dbname: 'my jobs',
        sslmode: 'require',
      },
    ],
    ['postgres://me@/jobs?host=/run/pg', { user: 'me', host: '/run/pg', dbname: 'jobs' }],
    ['postgres://%2Frun%2Fpg/jobs', { host: '/run/pg', dbname: 'jobs' }],
    ['postgres://[::1]:5433', { host: '::1', port: '5433' }],
    [
      'postgres://h/d?options=-c%20search_path%3Da',
      { host: 'h', dbname: 'd', options: '-c search_path=a' },
    ],
  ])('%s is understood', (text, keywords) => {
    expect(parseConnection('url', text)).toEqual(keywords)
  })

  test.each([
    ['secret', 'url is no connection string: there is no keyword=value at character 1'],
    ['host=db secret', 'url is no connection string: there is no keyword=value at character 8'],
    [`password='secret`, 'url is no connection string: there is no keyword=value at character 1'],
    [`host='a'secret`, 'url is no connection string: there is no keyword=value at character 1'],
    ['hots=db', 'url has the keyword hots, which is not supported'],
    ['host=a,b', 'url must name one host, not several'],
    ['postgres://u:secret@host:x/', 'url is no URL like postgres://user:password@host:5432/name'],
    ['postgres://u:secret%@host/', 'url has a % that begins no byte: it is written %25'],
    ['postgres://h/?secret_thing=1', 'url has the keyword secret_thing, which is not supported'],
  ])('%s is refused by name of what is wrong', (text, message) => {
    const parse = (): unknown => parseConnection('url', text)
    expect(parse).toThrow(InvalidArgumentError)
    expect(parse).toThrow(message)
  })
})
