/** Who is told that a signal has aborted. */
export interface AbortWatcher {
  /** It has. */
  onAbort(signal: AbortSignal): void
}

interface Watch {
  readonly watchers: Set<AbortWatcher>
  readonly listener: () => void
}

/**
 * One listener for each signal, however many calls it was given to: Node warns of a leak when there are more
 * than ten.
 */
const watches = new WeakMap<AbortSignal, Watch>()

/** Tells a watcher when the signal aborts. */
export function watchAbort(signal: AbortSignal, watcher: AbortWatcher): void {
  const known = watches.get(signal)
  if (known !== undefined) {
    known.watchers.add(watcher)
    return
  }
  const watchers = new Set([watcher])
  const listener = (): void => {
    watches.delete(signal)
    for (const each of watchers) each.onAbort(signal)
  }
  watches.set(signal, { watchers, listener })
  signal.addEventListener('abort', listener, { once: true })
}

/** Tells it no more. */
export function unwatchAbort(signal: AbortSignal, watcher: AbortWatcher): void {
  const watch = watches.get(signal)
  if (watch === undefined || !watch.watchers.delete(watcher) || watch.watchers.size > 0) return
  watches.delete(signal)
  signal.removeEventListener('abort', watch.listener)
}
