/** What a script answers, and what it is given. */
export type RedisReply = Buffer | number | null | readonly RedisReply[]
/** An argument of a command. */
export type RedisArgument = string | number | Buffer

/** What is used of `ioredis`. */
export interface RedisClient {
  readonly status: string
  connect(): Promise<void>
  callBuffer(command: string, ...args: readonly RedisArgument[]): Promise<unknown>
  disconnect(): void
  on(event: 'error' | 'close', listener: (error: Error) => void): unknown
}

/** Where a Redis is, and as whom to enter: options of `ioredis`. */
export interface RedisAddress {
  readonly host: string
  readonly port: number
  readonly db: number
  readonly username?: string
  readonly password?: string
  readonly tls?: { readonly servername?: string }
}

/** The class that the package exports. */
export type RedisClass = new (
  options: Omit<RedisAddress, 'db'> & {
    readonly lazyConnect: boolean
    readonly enableOfflineQueue: boolean
    readonly enableReadyCheck: boolean
    readonly retryStrategy: null
    readonly connectTimeout: number
    readonly protocol: 2
    readonly connectionName: string
  },
) => RedisClient

/** Loads the driver, which is an optional peer dependency. */
export async function loadDriver(): Promise<RedisClass> {
  try {
    const { Redis } = (await import('ioredis')) as unknown as { Redis: RedisClass }
    return Redis
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const isMissing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND'
    const reason = isMissing ? 'it is not installed' : message
    throw new Error(`it needs the package ioredis (npm install ioredis): ${reason}`, { cause })
  }
}
