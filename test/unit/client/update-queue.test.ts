import { describe, expect, test } from 'vitest'
import { UpdateQueue } from '../../../src/client/update-queue.ts'
import { EncodingError } from '../../../src/errors.ts'
import { rejectionOf } from '../../helpers/fixtures.ts'

const data = (text: string) => ({ type: 'data', data: text }) as const
const MIB = 1024 * 1024

describe('a queue of updates', () => {
  test('gives what was queued and what comes, in order, then the end', async () => {
    const queue = new UpdateQueue<string, string>()
    queue.push(data('one'), 3)
    expect(await queue.next()).toEqual(data('one'))
    const waiting = queue.next()
    queue.push(data('two'), 3)
    expect(await waiting).toEqual(data('two'))
    queue.push(data('three'), 3)
    queue.finish()
    expect(await queue.next()).toEqual(data('three'))
    expect(await queue.next()).toBeUndefined()
    expect(await queue.next()).toBeUndefined()
  })

  test('that ends with an error gives it after what was queued', async () => {
    const queue = new UpdateQueue<string, string>()
    const error = new Error('gone')
    queue.push(data('one'), 3)
    queue.finish(error)
    queue.finish()
    queue.push(data('late'), 4)
    expect(await queue.next()).toEqual(data('one'))
    expect(await rejectionOf(queue.next())).toBe(error)
  })

  test('that is aborted gives the reason at once, whatever it is', async () => {
    for (const reason of [new Error('gone'), undefined]) {
      const queue = new UpdateQueue<string, string>()
      queue.push(data('one'), 3)
      queue.abort(reason)
      queue.push(data('late'), 4)
      expect(await rejectionOf(queue.next())).toBe(reason)
    }
  })

  test('wakes a reader that waits for the end', async () => {
    const queue = new UpdateQueue<string, string>()
    const waiting = queue.next()
    queue.finish()
    expect(await waiting).toBeUndefined()
  })

  test('says when more than 16 MiB are unread, and counts what was read', async () => {
    const queue = new UpdateQueue<string, string>()
    for (let count = 0; count < 15; count += 1) expect(queue.push(data('x'), MIB)).toBeUndefined()
    await queue.next()
    await queue.next()
    expect(queue.push(data('x'), MIB)).toBeUndefined()
    expect(queue.push(data('x'), MIB)).toBeUndefined()
    expect(queue.push(data('x'), MIB)).toBeInstanceOf(EncodingError)
  })

  test('counts updates without a payload as well', () => {
    const queue = new UpdateQueue<string, string>()
    let count = 0
    while (queue.push({ type: 'status', numerator: 1, denominator: 2 }, 0) === undefined) count += 1
    expect(count).toBe((16 * MIB) / 64)
  })
})
