/** The three priorities, numbered as in gearmand's own queues and stores: the lowest number goes first. */
export const Priority = { High: 0, Normal: 1, Low: 2 } as const

/** One of the values of {@link Priority}. */
export type Priority = (typeof Priority)[keyof typeof Priority]
