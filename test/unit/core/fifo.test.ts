import { describe, expect, it } from 'vitest'
import { Fifo } from '../../../src/core/fifo.ts'

describe('Fifo', () => {
  it('gives entries in the order in which they came', () => {
    const fifo = new Fifo<number>()
    fifo.push(1)
    fifo.push(2)
    expect(fifo.peek()).toBe(1)
    expect(fifo.shift()).toBe(1)
    fifo.push(3)
    expect([fifo.shift(), fifo.shift(), fifo.shift()]).toEqual([2, 3, undefined])
    expect(fifo.length).toBe(0)
    expect(fifo.peek()).toBeUndefined()
  })

  it('drains what is left, and can be used afterwards', () => {
    const fifo = new Fifo<string>()
    for (const entry of ['a', 'b', 'c']) fifo.push(entry)
    fifo.shift()
    expect(fifo.drain()).toEqual(['b', 'c'])
    expect([fifo.length, fifo.shift(), fifo.drain()]).toEqual([0, undefined, []])
    fifo.push('d')
    expect(fifo.shift()).toBe('d')
  })

  it('keeps entries that are undefined', () => {
    const fifo = new Fifo<undefined>()
    fifo.push(undefined)
    expect(fifo.length).toBe(1)
    fifo.shift()
    expect(fifo.length).toBe(0)
  })

  it('stays in order over many pushes and shifts in any mixture', () => {
    const fifo = new Fifo<number>()
    let pushed = 0
    let shifted = 0
    for (let round = 0; round < 200; round += 1) {
      for (let count = 0; count < (round * 37) % 101; count += 1) fifo.push(pushed++)
      for (let count = 0; count < (round * 61) % 97 && fifo.length > 0; count += 1) {
        expect(fifo.shift()).toBe(shifted++)
      }
      expect(fifo.length).toBe(pushed - shifted)
    }
    expect(fifo.drain()).toEqual(Array.from({ length: pushed - shifted }, (_, i) => shifted + i))
  })

  it('lets go of entries that were taken out, also while others wait', () => {
    const fifo = new Fifo<object>()
    for (let count = 0; count < 100_000; count += 1) fifo.push(new Uint8Array(1))
    for (let count = 0; count < 60_000; count += 1) fifo.shift()
    expect(fifo.length).toBe(40_000)
    expect(fifo.drain()).toHaveLength(40_000)
  })
})
