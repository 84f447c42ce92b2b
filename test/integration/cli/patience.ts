/** Options of a client: a server that is a process of its own may stand still for longer than the 5 s that clients wait. */
export const PATIENT: { readonly connectTimeout: number } = { connectTimeout: 30_000 }

/** For tests that start several processes, one after the other: each takes seconds on a busy machine. */
export const PROCESSES_TIMEOUT_MS: number = 5 * 60_000
