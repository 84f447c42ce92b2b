import { afterEach, describe, expect, test } from 'vitest'
import { createDeferred } from '../../../src/core/deferred.ts'
import {
  type SignalStop,
  type Stoppable,
  stopOnSignals,
} from '../../../src/core/stop-on-signals.ts'
import { InvalidArgumentError } from '../../../src/errors.ts'

/** SIGUSR2 and SIGWINCH stand for the signals that would end the test. */
const signals = ['SIGUSR2', 'SIGWINCH'] as const

const handling: SignalStop[] = []
afterEach(() => {
  for (const { off } of handling.splice(0)) off()
})

function use(...args: Parameters<typeof stopOnSignals>): SignalStop {
  const [parts, options] = args
  const stop = stopOnSignals(parts, { signals, ...options })
  handling.push(stop)
  return stop
}

function listeners(): number {
  return signals.reduce((sum, signal) => sum + process.listenerCount(signal), 0)
}

function part(log: string[], name: string, fields: Partial<Stoppable> = {}): Stoppable {
  return {
    [Symbol.asyncDispose]: async () => {
      log.push(`close ${name}`)
    },
    ...fields,
  }
}

function worker(log: string[], name: string, until?: Promise<void>): Stoppable {
  return part(log, name, {
    stop: async (options) => {
      log.push(`stop ${name} ${options?.timeout}`)
      await until
      log.push(`stopped ${name}`)
    },
  })
}

describe('at a signal', () => {
  test('workers stop together, then all is closed in the given order', async () => {
    const log: string[] = []
    const jobEnds = createDeferred<void>()
    const parts = [part(log, 'client'), worker(log, 'one', jobEnds.promise), worker(log, 'two')]
    const { stopped } = use(parts, { timeout: 70 })
    process.emit('SIGWINCH', 'SIGWINCH')
    await new Promise(setImmediate)
    expect(log).toEqual(['stop one 70', 'stop two 70', 'stopped two'])
    jobEnds.resolve()
    expect(await stopped).toBe('SIGWINCH')
    expect(log.slice(3)).toEqual(['stopped one', 'close client', 'close one', 'close two'])
  })

  test('the handlers are gone, so that the next one has its usual effect', async () => {
    const before = listeners()
    const { stopped } = use(part([], 'one'))
    expect(listeners()).toBe(before + 2)
    process.emit('SIGUSR2', 'SIGUSR2')
    expect(listeners()).toBe(before)
    expect(await stopped).toBe('SIGUSR2')
  })

  test('what fails, at once or later, keeps nothing else from being closed', async () => {
    const log: string[] = []
    const late = new Error('late')
    const parts = [
      part(log, 'throws', {
        [Symbol.asyncDispose]: () => {
          throw new Error('at once')
        },
      }),
      part(log, 'stop throws', {
        stop: () => {
          throw late
        },
      }),
      part(log, 'last'),
    ]
    const { stopped } = use(parts)
    process.emit('SIGUSR2', 'SIGUSR2')
    await expect(stopped).rejects.toBe(late)
    expect(log).toEqual(['close stop throws', 'close last'])
  })
})

test('off() takes the handlers away, and may be called again', () => {
  const before = listeners()
  const { off } = use([])
  off()
  off()
  expect(listeners()).toBe(before)
})

test('refuses what cannot be closed, times and signals that are none', () => {
  const before = listeners()
  const calls = [
    () => use(5 as never),
    () => use([{}] as never),
    () => stopOnSignals([], 5 as never),
    () => use([], { timeout: -1 }),
    () => use([], { signals: 'SIGTERM' as never }),
    () => use([], { signals: ['SIGNONE' as never] }),
    () => use([], { signals: ['SIGKILL'] }),
    () => use([], { signals: ['toString' as never] }),
  ]
  for (const call of calls) expect(call).toThrow(InvalidArgumentError)
  expect(listeners()).toBe(before)
})
