import type { RedisConnection } from './redis-connection.ts'

/** What the settings of a Redis promise. */
export interface RedisDurability {
  /** Each answer comes after an fsync. */
  readonly isDurable: boolean
  /** What an operator should know. */
  readonly warnings: readonly string[]
}

/** Reads how Redis writes to its disk, and whether it throws keys away. */
export async function readDurability(connection: RedisConnection): Promise<RedisDurability> {
  const settings = await readSettings(connection)
  const warnings: string[] = []
  const appendOnly = settings.get('appendonly')
  const fsync = settings.get('appendfsync')
  if (appendOnly === 'no') {
    warnings.push('appendonly is no: jobs are lost when Redis is stopped hard')
  } else if (fsync === 'no') {
    warnings.push('appendfsync is no: jobs of half a minute may be lost with the machine of Redis')
  } else if (fsync === 'everysec') {
    warnings.push('appendfsync is everysec: jobs of up to two seconds may be lost with Redis')
  } else if (fsync !== 'always') {
    warnings.push('Redis does not tell how it writes to its disk (CONFIG GET appendfsync)')
  }
  const policy = settings.get('maxmemory-policy') ?? 'noeviction'
  if (policy.startsWith('allkeys-') && settings.get('maxmemory') !== '0') {
    warnings.push(`maxmemory-policy is ${policy}: Redis throws jobs away when its memory is full`)
  }
  return { isDurable: appendOnly === 'yes' && fsync === 'always', warnings }
}

/** Hosted ones allow no CONFIG; some of it is in INFO. */
async function readSettings(connection: RedisConnection): Promise<ReadonlyMap<string, string>> {
  try {
    const append = await readConfig(connection, 'append*')
    return new Map([...append, ...(await readConfig(connection, 'maxmemory*'))])
  } catch {
    const info = await readInfo(connection)
    const appendOnly = info.get('aof_enabled') === '0' ? 'no' : ''
    const policy = info.get('maxmemory_policy') ?? 'noeviction'
    return new Map([
      ['appendonly', appendOnly],
      ['maxmemory-policy', policy],
      ['maxmemory', info.get('maxmemory') ?? '0'],
    ])
  }
}

async function readConfig(
  connection: RedisConnection,
  pattern: string,
): Promise<ReadonlyMap<string, string>> {
  const found = await connection.call('CONFIG', 'GET', pattern)
  const words = Array.isArray(found) ? found.map(String) : []
  const settings = new Map<string, string>()
  for (let at = 0; at + 1 < words.length; at += 2)
    settings.set(words[at] ?? '', words[at + 1] ?? '')
  return settings
}

/** The sections of INFO that every Redis answers, by name. */
export async function readInfo(connection: RedisConnection): Promise<ReadonlyMap<string, string>> {
  const lines = String(await connection.call('INFO')).split('\r\n')
  return new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  )
}
