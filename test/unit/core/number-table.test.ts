import { describe, expect, it } from 'vitest'
import { MAX_TABLE_NUMBER, NumberTable } from '../../../src/core/number-table.ts'

interface Entry {
  readonly name: string
}

describe('NumberTable', () => {
  it('gives what was set, and nothing for other numbers', () => {
    const table = new NumberTable<Entry>()
    for (const number of [0, 7, MAX_TABLE_NUMBER]) table.set(number, { name: String(number) })
    table.set(7, { name: 'again' })
    expect([0, 7, MAX_TABLE_NUMBER, 1].map((number) => table.get(number)?.name)).toEqual([
      '0',
      'again',
      String(MAX_TABLE_NUMBER),
      undefined,
    ])
    expect(table.size).toBe(3)
  })

  it('gives what it takes out, once', () => {
    const table = new NumberTable<Entry>()
    table.set(3, { name: 'three' })
    expect(table.delete(3)?.name).toBe('three')
    expect(table.delete(3)).toBeUndefined()
    expect(table.get(3)).toBeUndefined()
    expect(table.size).toBe(0)
  })

  it('forgets everything at once, and can be used afterwards', () => {
    const table = new NumberTable<Entry>()
    for (let number = 0; number < 1000; number += 1) table.set(number, { name: 'x' })
    table.clear()
    expect([table.size, table.inOrder(), table.get(5)]).toEqual([0, [], undefined])
    table.set(5, { name: 'five' })
    expect(table.get(5)?.name).toBe('five')
  })

  it.each([
    ['consecutive', 1],
    ['that share a stride', 4096],
    ['of a large stride', 65_537],
  ])('agrees with a Map over any mixture of changes, for numbers %s', (_kind, stride) => {
    const table = new NumberTable<Entry>()
    const map = new Map<number, Entry>()
    let seed = 12_345
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff
      return seed % below
    }
    for (let step = 0; step < 60_000; step += 1) {
      // It grows to some thousands, and shrinks to almost none.
      const isGrowing = step % 20_000 < 12_000
      const number = random(8000) * stride
      if (random(10) < (isGrowing ? 7 : 1)) {
        const entry = { name: String(step) }
        table.set(number, entry)
        map.set(number, entry)
      } else {
        if (table.delete(number) !== map.get(number)) throw new Error(`${number} is another`)
        map.delete(number)
      }
    }
    expect(table.size).toBe(map.size)
    for (const [number, entry] of map) expect(table.get(number)).toBe(entry)
    const byNumber = [...map].sort(([left], [right]) => left - right)
    expect(table.inOrder()).toEqual(byNumber.map(([, entry]) => entry))
  })
})
