/** What the signals ask of the server process. */
export interface SignalHandler {
  /** SIGTERM, SIGINT: stop now. */
  onStop(signal: NodeJS.Signals): void
  /** SIGUSR1: stop when all running jobs have ended. */
  onDrain(signal: NodeJS.Signals): void
  /** SIGHUP: read again what may have been replaced. */
  onReload(signal: NodeJS.Signals): void
}

/**
 * Listens to gearmand's signals. As early as possible: an unheard SIGUSR1 opens Node's debugger, every
 * other one ends the process.
 *
 * @returns stops listening
 */
export function catchSignals(handler: SignalHandler): () => void {
  const listeners: readonly (readonly [NodeJS.Signals, (signal: NodeJS.Signals) => void])[] = [
    ['SIGTERM', (signal) => handler.onStop(signal)],
    ['SIGINT', (signal) => handler.onStop(signal)],
    ['SIGUSR1', (signal) => handler.onDrain(signal)],
    ['SIGHUP', (signal) => handler.onReload(signal)],
  ]
  for (const [signal, listener] of listeners) process.on(signal, listener)
  return () => {
    for (const [signal, listener] of listeners) process.off(signal, listener)
  }
}
