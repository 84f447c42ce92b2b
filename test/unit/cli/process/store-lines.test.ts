import { StoreError } from 'gearman-sdk'
import { expect, test } from 'vitest'
import { logStoreEvents } from '../../../../src/cli/process/store-lines.ts'
import { TypedEmitter } from '../../../../src/core/typed-emitter.ts'
import type { ServerEvents } from '../../../../src/server/index.ts'

function useLog(): {
  readonly lines: string[]
  readonly events: TypedEmitter<ServerEvents>
  readonly clock: { nowMs: number }
  fail(message: string): void
} {
  const lines: string[] = []
  const events = new TypedEmitter<ServerEvents>()
  const clock = { nowMs: 1000 }
  const write = (level: string, text: string): void => void lines.push(`${level} ${text}`)
  logStoreEvents(events, { write, writeAlways: write }, () => clock.nowMs)
  const fail = (message: string): void => {
    events.emit('storeFailed', { error: new StoreError(message, { store: 's' }), refusedJobs: 2 })
  }
  return { lines, events, clock, fail }
}

test('a store that fails again and again is a line now and then, with the jobs since the last', () => {
  const { lines, clock, fail } = useLog()
  for (let times = 0; times < 100; times += 1) fail('s is full')
  clock.nowMs += 10_000
  fail('s is full')
  expect(lines).toEqual([
    'ERROR s is full; 2 jobs were refused for it',
    'ERROR s is full; 200 jobs were refused for it',
  ])
})

test('another failure is a line at once, and so is the end, with what was not told', () => {
  const { lines, events, fail } = useLog()
  for (const message of ['s is full', 's is gone', 's is gone']) fail(message)
  events.emit('storeRecovered', { store: 's' })
  fail('s is gone')
  events.emit('storeRecovered', { store: 's' })
  expect(lines).toEqual([
    'ERROR s is full; 2 jobs were refused for it',
    'ERROR s is gone; 2 jobs were refused for it',
    'ERROR the store s takes changes again; 2 more jobs were refused before',
    'ERROR s is gone; 2 jobs were refused for it',
    'ERROR the store s takes changes again',
  ])
})

test('what a store does not promise is told at every level', () => {
  const { lines, events } = useLog()
  events.emit('storeNotice', { store: 's', message: 'it may lose jobs' })
  expect(lines).toEqual(['WARNING s: it may lose jobs'])
})
