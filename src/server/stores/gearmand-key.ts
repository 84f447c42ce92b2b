/** What gearmand's key of a job says. */
export interface GearmandKey {
  readonly functionName: string
  readonly unique: string
}

const HYPHEN = '-'
const UUID_AT_END = /-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** gearmand takes longer names, and cannot run them. */
const MAX_FUNCTION_BYTES = 8192
const MAX_UNIQUE_BYTES = 64

/**
 * Takes the key `FUNCTION-UNIQUE` apart. Both may have hyphens, so there may be several ways; a unique that is
 * a UUID (as libgearman makes them), empty or `-` is known for what it is, otherwise the function ends at the
 * first hyphen. gearmand 1.1.20 always takes the first, and spoils `a-b` and empty ids
 * (`libgearman-server/plugins/queue/redis/queue.cc`, `libmemcached/queue.cc`).
 */
export function parseGearmandKey(key: string): GearmandKey | undefined {
  const end = endOfFunction(key)
  if (end < 1) return undefined
  return { functionName: key.slice(0, end), unique: key.slice(end + 1) }
}

function endOfFunction(key: string): number {
  const uuid = UUID_AT_END.exec(key)
  if (uuid !== null) return uuid.index
  if (key.endsWith('--')) return key.length - 2
  if (key.endsWith(HYPHEN)) return key.length - 1
  return key.indexOf(HYPHEN)
}

/** Why a job of gearmand is none; `undefined` when it is one. */
export function problemOfGearmandJob(
  key: GearmandKey | undefined,
  priority: number,
): string | undefined {
  if (key === undefined || key.functionName === '') return 'its key names no function'
  if (key.functionName.length > MAX_FUNCTION_BYTES) return 'its function is too long'
  if (key.unique.length > MAX_UNIQUE_BYTES) return 'its unique id is too long'
  return priority === 0 || priority === 1 || priority === 2
    ? undefined
    : 'its priority is not 0, 1 or 2'
}
