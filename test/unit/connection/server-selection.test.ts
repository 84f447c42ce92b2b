import { describe, expect, test } from 'vitest'
import {
  placeByHash,
  resolveStrategy,
  type ServerCandidate,
} from '../../../src/connection/server-selection.ts'
import { InvalidArgumentError } from '../../../src/errors.ts'

const JOB = { task: 't', unique: 'u' }

function candidate(
  server: string,
  outstandingJobs = 0,
  more: Partial<ServerCandidate> = {},
): ServerCandidate {
  const plain = { acceptLatency: undefined, weight: 1, easing: 1, reportedJobs: () => undefined }
  return { server, outstandingJobs, ...plain, ...more }
}

/** How many of some jobs, one after the other, each server gets. */
function shares(
  name: Parameters<typeof resolveStrategy>[0],
  count: number,
  list: ServerCandidate[],
): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const server of choices(name, count, list)) counts[server] = (counts[server] ?? 0) + 1
  return counts
}

function choices(
  name: Parameters<typeof resolveStrategy>[0],
  count: number,
  list: ServerCandidate[],
): string[] {
  const strategy = resolveStrategy(name)
  return Array.from({ length: count }, () => strategy(list, JOB).server)
}

describe('the strategies', () => {
  test('least load takes the server with the fewest jobs', () => {
    const list = [candidate('a', 3), candidate('b', 1), candidate('c', 2)]
    expect(choices('least-load', 4, list)).toEqual(['b', 'b', 'b', 'b'])
    expect(choices(undefined, 1, list)).toEqual(['b'])
  })

  test('least load lets ties go round', () => {
    const tied = [candidate('a'), candidate('b'), candidate('c')]
    expect(new Set(choices('least-load', 3, tied))).toEqual(new Set(['a', 'b', 'c']))
    const two = [candidate('a', 1), candidate('b', 0), candidate('c', 0)]
    const counts = choices('least-load', 30, two).filter((server) => server === 'b').length
    expect(counts).toBeGreaterThanOrEqual(10)
    expect(counts).toBeLessThanOrEqual(20)
  })

  test('round robin takes them in turn, whatever their load', () => {
    const list = [candidate('a', 9), candidate('b'), candidate('c')]
    expect(choices('round-robin', 5, list)).toEqual(['a', 'b', 'c', 'a', 'b'])
  })

  test('round robin goes on when a server has gone', () => {
    const strategy = resolveStrategy('round-robin')
    const [a, b, c] = [candidate('a'), candidate('b'), candidate('c')]
    for (let turn = 0; turn < 3; turn += 1) strategy([a, b, c], JOB)
    expect(strategy([a, b], JOB).server).toMatch(/[ab]/)
  })

  test('random takes all of them', () => {
    const list = [candidate('a'), candidate('b'), candidate('c')]
    expect(new Set(choices('random', 300, list)).size).toBe(3)
  })

  test('two clients do not share their turns', () => {
    const list = [candidate('a'), candidate('b')]
    expect(choices('round-robin', 1, list)).toEqual(choices('round-robin', 1, list))
  })

  test('a strategy may be the caller’s own', () => {
    const own: Parameters<typeof resolveStrategy>[0] = (candidates, job) => {
      expect(job).toBe(JOB)
      return candidates[1] as (typeof candidates)[number]
    }
    expect(choices(own, 1, [candidate('a'), candidate('b')])).toEqual(['b'])
  })

  test('least load counts the jobs of a server for its weight', () => {
    const list = [candidate('a', 5, { weight: 3 }), candidate('b', 2)]
    expect(choices('least-load', 1, list)).toEqual(['a'])
    const level = [candidate('a', 6, { weight: 3 }), candidate('b', 2)]
    expect(shares('least-load', 40, level)).toEqual({ a: 30, b: 10 })
  })

  test('least load shares single jobs out by weight, without bursts', () => {
    const list = [candidate('a', 0, { weight: 3 }), candidate('b')]
    expect(choices('least-load', 8, list).join('')).toBe('aabaaaba')
  })

  test('least load gives less to a server that accepts slowly, and to one that has come back', () => {
    const slow = [candidate('a', 0, { acceptLatency: 90 }), candidate('b', 0, { acceptLatency: 2 })]
    expect(shares('least-load', 100, slow)).toEqual({ a: 10, b: 90 })
    const back = [candidate('a', 0, { easing: 0.1 }), candidate('b')]
    expect(shares('least-load', 110, back)).toEqual({ a: 10, b: 100 })
    expect(
      choices('least-load', 1, [candidate('a', 1, { easing: 0.1 }), candidate('b', 9)]),
    ).toEqual(['b'])
  })

  test('least load does not look at latencies that make no difference', () => {
    const list = [candidate('a', 0, { acceptLatency: 9 }), candidate('b', 0, { acceptLatency: 1 })]
    expect(shares('least-load', 10, list)).toEqual({ a: 5, b: 5 })
  })

  test('least load believes what a server reports, unless more is known here', () => {
    const tasks: string[] = []
    const reportedJobs = (task: string): number => {
      tasks.push(task)
      return 7
    }
    const list = [candidate('a', 0, { reportedJobs }), candidate('b', 5)]
    expect(choices('least-load', 1, list)).toEqual(['b'])
    expect(tasks).toEqual(['t'])
    expect(
      choices('least-load', 1, [candidate('a', 9, { reportedJobs }), candidate('b', 8)]),
    ).toEqual(['b'])
  })

  test('round robin and random know weights and easing, and nothing else', () => {
    const list = [
      candidate('a', 9, { weight: 4, easing: 0.5, acceptLatency: 5000 }),
      candidate('b', 0, { weight: 1 }),
    ]
    expect(shares('round-robin', 30, list)).toEqual({ a: 20, b: 10 })
    const { a = 0 } = shares('random', 3000, list)
    // 2000 on average; six standard deviations are 155.
    expect(Math.abs(a - 2000)).toBeLessThan(155)
  })

  test.each([undefined, null, 'a', 0, { server: 'a' }, Promise.resolve(candidate('a'))])(
    'a strategy of the caller’s own that returns %s is refused, naming the candidates',
    (nonsense) => {
      const strategy = resolveStrategy(() => nonsense as never)
      const choose = (): unknown => strategy([candidate('a:1'), candidate('b:2')], JOB)
      expect(choose).toThrow(InvalidArgumentError)
      expect(choose).toThrow(expect.objectContaining({ argument: 'strategy' }))
      expect(choose).toThrow('a:1, b:2')
    },
  )

  test.each(['fastest', null, 7, {}])('%j is refused', (name) => {
    expect(() => resolveStrategy(name as never)).toThrow(InvalidArgumentError)
  })
})

describe('placement by hash', () => {
  const alike = Array.from({ length: 5 }, (_, index) => candidate(`gear${index + 1}.example:4730`))
  const keys = Array.from({ length: 5000 }, (_, index) => `job-${index}`)
  const place = (
    list: readonly ServerCandidate[],
    key: string | Uint8Array,
    task = 'task',
  ): string => placeByHash(list, key, task)?.server ?? 'none'

  test('gives a key to the same server every time, in whatever order they are listed', () => {
    for (const key of keys.slice(0, 200)) {
      expect(place(alike.toReversed(), key)).toBe(place(alike, key))
    }
  })

  test('spreads keys evenly over servers that are named alike', () => {
    for (const named of [
      alike,
      Array.from({ length: 5 }, (_, index) => candidate(`10.0.0.${index + 1}:4730`)),
      Array.from({ length: 5 }, (_, index) => candidate(`127.0.0.1:473${index}`)),
    ]) {
      const counts = new Map<string, number>()
      for (const key of keys) {
        const server = place(named, key)
        counts.set(server, (counts.get(server) ?? 0) + 1)
      }
      expect(counts.size).toBe(5)
      // 1000 each on average; six standard deviations are 170.
      for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(170)
    }
  })

  test('moves only the jobs of a server that is lost, evenly to the others', () => {
    const [lost, ...rest] = alike
    const moved = new Map<string, number>()
    for (const key of keys) {
      const before = place(alike, key)
      const after = place(rest, key)
      if (before === lost?.server) moved.set(after, (moved.get(after) ?? 0) + 1)
      else expect(after).toBe(before)
    }
    expect(moved.size).toBe(4)
    // 250 each on average; six standard deviations are 90.
    for (const count of moved.values()) expect(Math.abs(count - 250)).toBeLessThan(90)
  })

  test('looks at task and key, and does not confuse their borders', () => {
    const byTask = keys.filter((key) => place(alike, key, 'one') !== place(alike, key, 'two'))
    expect(byTask.length).toBeGreaterThan(3500)
    const shifted = keys.filter((key) => place(alike, `x${key}`, 'a') !== place(alike, key, 'ax'))
    expect(shifted.length).toBeGreaterThan(3500)
  })

  test('gives a server of twice the weight twice the keys, and moves no others', () => {
    const [first, ...rest] = alike
    const weighted = [{ ...candidate(first?.server ?? ''), weight: 2 }, ...rest]
    let count = 0
    for (const key of keys) {
      const server = place(weighted, key)
      if (server === first?.server) count += 1
      else expect(server).toBe(place(alike, key))
    }
    // A third of 5000; six standard deviations are 200.
    expect(Math.abs(count - 5000 / 3)).toBeLessThan(200)
  })

  test('takes bytes as well as text', () => {
    const servers = new Set(keys.slice(0, 100).map((key) => place(alike, Buffer.from(key))))
    expect(servers.size).toBe(5)
    expect(place(alike, Buffer.from('job-1'))).toBe(place(alike, 'job-1'))
  })

  test('of no server at all is nothing', () => {
    expect(placeByHash([], 'key', 'task')).toBeUndefined()
  })
})
