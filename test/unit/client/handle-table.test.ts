import { describe, expect, test } from 'vitest'
import { HandleTable } from '../../../src/client/handle-table.ts'

interface Member {
  readonly name: string
}

/** A table whose handles are given as text. */
class TextTable extends HandleTable<Member> {
  put(handle: string, member: Member): void {
    this.add(Buffer.from(`in front${handle}`, 'latin1'), 8, 8 + handle.length, member)
  }

  turn(handle: string): Member | undefined {
    // Behind the handle stands what else the packet has.
    return this.next(Buffer.from(`${handle}\0rest:1`, 'latin1'), 0, handle.length)
  }

  finish(handle: string): Member | readonly Member[] | undefined {
    return this.end(Buffer.from(`${handle}\0rest:1`, 'latin1'), 0, handle.length)
  }
}

const [a, b, c] = [{ name: 'a' }, { name: 'b' }, { name: 'c' }]

describe('a table of handles', () => {
  test.each([
    ['as servers make them', 'H:host:1', 'H:host:2'],
    ['of a host whose name has a colon', 'H:::1:7', 'H:::1:8'],
    ['that are no numbers', 'H:host:one', 'H:host:two'],
    ['without a colon', '6f1c', '6f1d'],
    ['that differ by zeros only', 'H:host:1', 'H:host:01'],
    ['with numbers beyond 32 bits', 'H:host:4294967296', 'H:host:4294967297'],
    [
      'with numbers beyond all whole numbers',
      `H:host:${'9'.repeat(30)}1`,
      `H:host:${'9'.repeat(30)}2`,
    ],
    ['of two prefixes', 'H:host:1', 'H:other:1'],
    ['with bytes that are no text', 'H:h\xf6st:1', 'H:h\xe4st:1'],
  ])('knows one member of a handle, or several: handles %s', (_kind, one, two) => {
    const table = new TextTable()
    table.put(one, a)
    table.put(two, b)
    table.put(two, c)
    expect(table.size).toBe(3)
    expect([table.turn(one), table.turn(one)]).toEqual([a, a])
    expect([table.turn(two), table.turn(two), table.turn(two)]).toEqual([b, c, b])
    expect(table.finish(two)).toEqual([b, c])
    expect(table.finish(two)).toBeUndefined()
    expect(table.turn(two)).toBeUndefined()
    expect(table.size).toBe(1)
    expect(table.drain()).toEqual([a])
    expect(table.size).toBe(0)
    expect(table.drain()).toEqual([])
  })

  test('takes a handle again after its end', () => {
    const table = new TextTable()
    table.put('H:host:1', a)
    expect(table.finish('H:host:1')).toBe(a)
    table.put('H:host:1', b)
    expect(table.finish('H:host:1')).toBe(b)
  })

  test('keeps nothing of the packets that it is given: their memory is used again', () => {
    const table = new TextTable()
    const packet = Buffer.from('H:host:1')
    table.add(packet, 0, packet.length, a)
    packet.fill('x')
    expect(table.finish('H:host:1')).toBe(a)
  })

  test('gives what is left in the order of its numbers, and what has none last', () => {
    const table = new TextTable()
    table.put('H:host:3', a)
    table.put('elsewhere', c)
    table.put('H:host:20', b)
    table.put('H:host:20', c)
    table.put('H:host:1', b)
    expect(table.drain()).toEqual([b, a, b, c, c])
  })
})
