import { createHook } from 'node:async_hooks'

/** How many of what Node's event loop keeps were made while `run` ran: promises, timers, immediates, ticks. */
export async function countAsyncResources(
  run: () => Promise<unknown>,
): Promise<{ readonly promises: number; readonly timers: number; readonly turns: number }> {
  const counts = new Map<string, number>()
  const hook = createHook({
    init: (_id, type) => {
      counts.set(type, (counts.get(type) ?? 0) + 1)
    },
  }).enable()
  try {
    await run()
  } finally {
    hook.disable()
  }
  const of = (type: string): number => counts.get(type) ?? 0
  return {
    promises: of('PROMISE'),
    timers: of('Timeout'),
    turns: of('Immediate') + of('TickObject'),
  }
}
