import { describe, expect, test } from 'vitest'
import { WeightedTurns } from '../../../src/connection/weighted-turns.ts'

interface Named {
  readonly name: string
}

const [a, b, c]: readonly Named[] = [{ name: 'a' }, { name: 'b' }, { name: 'c' }]
const all = [a, b, c] as Named[]

function take(turns: WeightedTurns, shares: readonly number[], count: number): string {
  let taken = ''
  for (let index = 0; index < count; index += 1) {
    turns.begin(shares.length)
    for (const [place, share] of shares.entries()) turns.shares[place] = share
    taken += turns.next(all.slice(0, shares.length)).name
  }
  return taken
}

describe('turns', () => {
  test('go round where shares are equal', () => {
    expect(take(new WeightedTurns(), [1, 1, 1], 6)).toBe('abcabc')
    expect(take(new WeightedTurns(), [0.3, 0.3], 4)).toBe('abab')
  })

  test('leave out those who do not take part', () => {
    const turns = new WeightedTurns()
    expect(take(turns, [1, 0, 1], 4)).toBe('acac')
    expect(take(turns, [0, 1, 0], 2)).toBe('bb')
    expect(take(turns, [0, 2, 1], 3)).toBe('bcb')
  })

  test('follow the shares without bursts', () => {
    expect(take(new WeightedTurns(), [5, 1, 1], 7)).toBe('aabacaa')
  })

  test('go on when shares change and candidates come and go', () => {
    const turns = new WeightedTurns()
    take(turns, [5, 1, 1], 3)
    expect(take(turns, [1, 1], 2)).toMatch(/^[ab]{2}$/)
    const counts = take(turns, [1, 2, 1], 400)
    expect(counts.split('b').length - 1).toBeGreaterThan(190)
    expect(counts.split('b').length - 1).toBeLessThan(210)
  })

  test('need somebody who takes part', () => {
    expect(() => take(new WeightedTurns(), [0, 0], 1)).toThrow('nobody')
  })
})
