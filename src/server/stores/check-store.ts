import { show } from '../../core/checks.ts'
import { InvalidArgumentError } from '../../errors.ts'
import type { QueueStore } from './queue-store.ts'

const STORE_METHODS = ['open', 'replay', 'commit', 'close'] as const

/**
 * The server option `store`.
 *
 * @throws InvalidArgumentError for what is no store
 */
export function checkStore(value: unknown): QueueStore | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'object' || value === null) {
    throw new InvalidArgumentError('store', `must be a QueueStore, not ${show(value)}`)
  }
  const store = value as QueueStore
  const missing = STORE_METHODS.find((name) => typeof store[name] !== 'function')
  if (missing !== undefined) {
    throw new InvalidArgumentError('store', `has no method \`${missing}\``)
  }
  const keepsOutcomes = store.capabilities?.keepsOutcomes === true
  if (keepsOutcomes && typeof store.replayOutcomes !== 'function') {
    throw new InvalidArgumentError('store', 'has no method `replayOutcomes`')
  }
  if (typeof store.name !== 'string' || store.name === '') {
    throw new InvalidArgumentError('store', 'has no `name`')
  }
  return store
}
