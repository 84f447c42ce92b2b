import { type BuiltProgram, builtProgram } from '../../harness/built-programs.ts'

/** The client and the worker over any of the libraries for Node, and what makes them set TCP_NODELAY. */
export const NODE_CLIENT: BuiltProgram = builtProgram(new URL('./client.ts', import.meta.url))
export const NODE_WORKER: BuiltProgram = builtProgram(new URL('./worker.ts', import.meta.url))
export const NO_DELAY: BuiltProgram = builtProgram(new URL('./no-delay.ts', import.meta.url))
