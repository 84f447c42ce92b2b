import { describe, expect, test } from 'vitest'
import { type HttpCall, readHttpCall } from '../../../../src/server/http/http-call.ts'
import { HttpRefused } from '../../../../src/server/http/http-refused.ts'
import { RequestRefused } from '../../../../src/server/session/request-refused.ts'

function read(
  url: string,
  headers: Readonly<Record<string, string>> = {},
  isCompatible = true,
): HttpCall {
  return readHttpCall({ method: 'POST', url, headers }, { isCompatible, maxArgumentBytes: 512 })
}

function nameOf(url: string, isCompatible = true): string {
  return read(url, {}, isCompatible).functionName
}

describe('the function', () => {
  test.each([
    ['/f', 'f'],
    ['//f', 'f'],
    ['/a/b/', 'a/b/'],
    ['/a%20b%2Fc', 'a b/c'],
    ['/%C3%BC', 'Ã¼'],
    ['http://proxied:8080/f', 'f'],
    ['/', ''],
    ['http://proxied', ''],
  ])('of %s is "%s" in both modes', (url, name) => {
    expect(nameOf(url)).toBe(name)
    expect(nameOf(url, false)).toBe(name)
  })

  test('has the query as its end for gearmand only', () => {
    expect(nameOf('/f?a=1')).toBe('f?a=1')
    expect(nameOf('/f?a=%zz', false)).toBe('f')
  })

  test('keeps a stray % for gearmand only', () => {
    expect(nameOf('/100%')).toBe('100%')
    expect(() => nameOf('/100%', false)).toThrow(expect.objectContaining({ status: 400 }))
  })

  test('holds no NUL', () => {
    expect(() => nameOf('/a%00b')).toThrow(expect.objectContaining({ status: 400 }))
    expect(() => nameOf('/a%00b', false)).toThrow(HttpRefused)
  })

  test('has as many bytes as in a packet', () => {
    expect(nameOf(`/${'f'.repeat(512)}`)).toHaveLength(512)
    expect(() => nameOf(`/${'f'.repeat(513)}`)).toThrow(RequestRefused)
  })
})

describe('the method', () => {
  test.each(['GET', 'HEAD', 'POST', 'PUT'])('may be %s', (method) => {
    const request = { method, url: '/f', headers: {} }
    expect(readHttpCall(request, { isCompatible: true, maxArgumentBytes: 512 })).toEqual({
      functionName: 'f',
      unique: '-',
      priority: 1,
      isBackground: false,
    })
  })

  test.each(['DELETE', 'OPTIONS', 'TRACE', 'PATCH'])('may not be %s', (method) => {
    const request = { method, url: '/f', headers: {} }
    const failure = (): unknown =>
      readHttpCall(request, { isCompatible: true, maxArgumentBytes: 512 })
    expect(failure).toThrow(expect.objectContaining({ status: 405 }))
  })
})

describe('the headers', () => {
  test('name the unique id', () => {
    expect(read('/f', { 'x-gearman-unique': 'u'.repeat(64) }).unique).toBe('u'.repeat(64))
    expect(read('/f', { 'x-gearman-unique': '' }).unique).toBe('-')
    expect(() => read('/f', { 'x-gearman-unique': 'u'.repeat(65) })).toThrow(RequestRefused)
  })

  test.each([
    ['high', 0],
    ['HIGH', 0],
    ['normal', 1],
    ['low', 2],
  ])('name the priority %s', (word, priority) => {
    expect(read('/f', { 'x-gearman-priority': word }).priority).toBe(priority)
    expect(read('/f', { 'x-gearman-priority': word }, false).priority).toBe(priority)
  })

  test.each([
    ['true', true],
    ['True', true],
    ['false', false],
  ])('put a job in the background with %s: %s', (word, isBackground) => {
    expect(read('/f', { 'x-gearman-background': word }).isBackground).toBe(isBackground)
    expect(read('/f', { 'x-gearman-background': word }, false).isBackground).toBe(isBackground)
  })

  test.each([
    ['x-gearman-priority', 'urgent'],
    ['x-gearman-priority', 'constructor'],
    ['x-gearman-background', '1'],
  ])('%s: %s is overlooked as by gearmand, or refused', (name, value) => {
    expect(read('/f', { [name]: value })).toMatchObject({ priority: 1, isBackground: false })
    const failure = (): unknown => read('/f', { [name]: value }, false)
    expect(failure).toThrow(expect.objectContaining({ status: 400 }))
    expect(failure).toThrow(name)
  })
})
