import { describe, expect, test } from 'vitest'
import { InvalidArgumentError } from '../../../../src/errors.ts'
import { resolveServerOptions } from '../../../../src/server/resolved-server-options.ts'
import type { ServerOptions } from '../../../../src/server/server-options.ts'

describe('the option http', () => {
  test('left out: there is no HTTP', () => {
    expect(resolveServerOptions({}).http).toBeUndefined()
  })

  test('empty: port 8080 of the host of the server, as gearmand answers', () => {
    const { http } = resolveServerOptions({ host: '127.0.0.2', http: {} })
    expect(http).toEqual({ port: 8080, host: '127.0.0.2', isCompatible: true })
  })

  test('a host of its own', () => {
    const { http } = resolveServerOptions({ http: { host: '::1', port: 0, compat: false } })
    expect(http).toEqual({ port: 0, host: '::1', isCompatible: false })
  })

  test.each([
    ['http', true],
    ['http', 8080],
    ['http.port', { port: -1 }],
    ['http.port', { port: '8080' }],
    ['http.host', { host: '' }],
    ['http.host', { host: 'two words' }],
    ['http.compat', { compat: 'off' }],
  ])('%s may not be %j: the error names the option', (argument, http) => {
    const failure = (): unknown => resolveServerOptions({ http } as ServerOptions)
    expect(failure).toThrow(InvalidArgumentError)
    expect(failure).toThrow(expect.objectContaining({ argument }))
  })
})
