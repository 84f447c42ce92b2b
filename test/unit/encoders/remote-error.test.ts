import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { JSONDataEncoder } from '../../../src/encoders/json-data-encoder.ts'
import { RemoteError, rebuildError } from '../../../src/encoders/remote-error.ts'

function rebuilt(exception: unknown): RemoteError {
  const error = rebuildError(exception)
  expect(error).toBeInstanceOf(RemoteError)
  return error as RemoteError
}

describe('an exception of a worker, as an error', () => {
  it('is the one that was thrown, through JSON', () => {
    const thrown = new RangeError('too far', {
      cause: Object.assign(new Error('no such file'), { code: 'ENOENT' }),
    })
    const json = new JSONDataEncoder()
    const error = rebuilt(json.decodeError(Buffer.from(json.encodeError(thrown))))
    expect(error).toMatchObject({ name: 'RangeError', message: 'too far' })
    expect(error).not.toHaveProperty('code')
    expect(error.cause).toMatchObject({ name: 'Error', message: 'no such file', code: 'ENOENT' })
    expect(error.cause).toBeInstanceOf(RemoteError)
  })

  it.each([
    ['TypeError: no', 'TypeError', 'no'],
    ['ValueError: two\nlines\n', 'ValueError', 'two\nlines'],
    ['App\\Domain\\InvalidException: bad', 'App\\Domain\\InvalidException', 'bad'],
    ['My::Error: bad', 'My::Error', 'bad'],
    ['KeyboardInterrupt', 'KeyboardInterrupt', ''],
    ['out of range at worker.pl line 3.\n', 'Error', 'out of range at worker.pl line 3.'],
    ['note: this is no name', 'Error', 'note: this is no name'],
    ['', 'Error', ''],
  ])('is made of the text %j', (text, name, message) => {
    expect(rebuilt(text)).toMatchObject({ name, message })
  })

  it('shows what it is, and no stack of this process', () => {
    expect(inspect(rebuilt('TypeError: no'))).toBe('[RemoteError [TypeError]: no]')
  })

  it('is an error that is one already', () => {
    const error = new Error('x')
    expect(rebuildError(error)).toBe(error)
  })

  it('takes only what is as it should be', () => {
    const odd = { name: 5, message: 'm', code: {}, cause: { message: 7 } }
    expect(rebuilt(odd)).toMatchObject({ name: 'Error', message: 'm' })
    expect(rebuilt(odd).cause).toBeUndefined()
    expect(rebuilt({ message: 'm', cause: 'KeyError: k' }).cause).toMatchObject({
      name: 'KeyError',
    })
  })

  it('ends at a depth', () => {
    let exception: unknown
    for (let level = 0; level < 1000; level += 1) exception = { message: 'm', cause: exception }
    let levels = 0
    for (let at = rebuildError(exception); at !== undefined; at = at.cause as Error) levels += 1
    expect(levels).toBe(9)
  })

  it('is none where nothing says so', () => {
    for (const exception of [Buffer.from('x'), 5, null, undefined, [], { message: 1 }]) {
      expect(rebuildError(exception)).toBeUndefined()
    }
  })
})
