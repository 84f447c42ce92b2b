import { describe, expect, it } from 'vitest'
import { createDeferred } from '../../../src/core/deferred.ts'

describe('createDeferred', () => {
  it('settles its promise from outside, the first time only', async () => {
    const won = createDeferred<number>()
    won.resolve(1)
    won.reject(new Error('too late'))
    await expect(won.promise).resolves.toBe(1)
    const lost = createDeferred<number>()
    lost.reject('a reason')
    await expect(lost.promise).rejects.toBe('a reason')
  })
})
