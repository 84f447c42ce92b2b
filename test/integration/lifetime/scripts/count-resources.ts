import { createHook } from 'node:async_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** What must be gone, whether it keeps the process alive or not. */
const WATCHED = ['TCPWRAP', 'TCPSERVERWRAP', 'TCPCONNECTWRAP', 'GETADDRINFOREQWRAP', 'Timeout']
const PATIENCE_MS = 30_000

const alive = new Map<number, string>()
createHook({
  init: (id, type) => {
    if (WATCHED.includes(type)) alive.set(id, type)
  },
  destroy: (id) => {
    alive.delete(id)
  },
}).enable()

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

/** Sockets, servers and timers made since this file was loaded, and not gone: also those that let the process exit. */
export async function leftResources(): Promise<string[]> {
  const deadline = performance.now() + PATIENCE_MS
  while (alive.size > 0 && performance.now() < deadline) {
    // Handles count until nobody can have them any more.
    await new Promise(setImmediate)
    collectGarbage()
  }
  return [...alive.values()]
}
