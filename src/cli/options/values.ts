import { isIP } from 'node:net'
import { findServicePort } from './service-port.ts'

/** How the argument of an option is read. */
export interface ValueKind<T> {
  /** What is allowed, in words that go behind "must be". */
  readonly expects: string
  /** The value, or `undefined` when the text is not allowed. */
  readonly read: (text: string) => T | undefined
}

const MAX_PORT = 65_535

/** A whole number within bounds, both included, as gearmand takes it: digits with or without a sign. */
export function integer(min: number, max: number): ValueKind<number> {
  return {
    expects: `a whole number from ${min} to ${max}`,
    read: (text) => {
      if (!/^[+-]?[0-9]+$/.test(text)) return undefined
      const value = Number(text) + 0 // no negative zero
      return value >= min && value <= max ? value : undefined
    },
  }
}

/** Any text that is not empty: a path, a name. */
export function text(what: string): ValueKind<string> {
  return { expects: what, read: (given) => (given === '' ? undefined : given) }
}

/** Text of a certain form. */
export function textLike(what: string, form: RegExp): ValueKind<string> {
  return { expects: what, read: (given) => (form.test(given) ? given : undefined) }
}

/** One of a few words. */
export function choice<const T extends string>(words: readonly T[]): ValueKind<T> {
  return { expects: orList(words), read: (given) => words.find((word) => word === given) }
}

/** One of a few words, in upper or lower case. */
export function choiceInAnyCase<const T extends string>(words: readonly T[]): ValueKind<T> {
  return {
    expects: orList(words),
    read: (given) => words.find((word) => word.toLowerCase() === given.toLowerCase()),
  }
}

/** A port, by number or by its name in the system's list of services, as gearmand takes it. */
export const port: ValueKind<number> = {
  expects: `a port from 0 to ${MAX_PORT} or a TCP service of /etc/services`,
  read: (given) =>
    /^[0-9]+$/.test(given) ? integer(0, MAX_PORT).read(given) : findServicePort(given),
}

/** Addresses and networks between commas. */
export const networks: ValueKind<readonly string[]> = {
  expects: 'addresses or networks such as 10.0.0.0/8 between commas',
  read: (given) => {
    const entries = given.split(',').map((entry) => entry.trim())
    return entries.every(isNetwork) ? entries : undefined
  },
}

function isNetwork(entry: string): boolean {
  const [, address = '', prefix = '0'] = /^([^/]*)(?:\/([0-9]{1,3}))?$/.exec(entry) ?? []
  const family = isIP(address)
  return family !== 0 && Number(prefix) <= (family === 4 ? 32 : 128)
}

function orList(words: readonly string[]): string {
  if (words.length < 2) return words.join('')
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}
