/** The database looks keys of longer lists up in other ways, some of them slow. */
const MAX_KEYS = 500

/** Bytes in hexadecimal, which no setting of the database reads otherwise. */
export function hex(bytes: Buffer): string {
  return `x'${bytes.toString('hex')}'`
}

/** Only numbers get into SQL unquoted, whatever the types of a caller promise. */
export function whole(value: number): string {
  if (!Number.isSafeInteger(value)) throw new Error('the number of a job is no whole number')
  return String(value)
}

/** Keys with commas between them, in lists that are not too long. */
export function* keyLists(keys: readonly number[]): Generator<string> {
  for (let start = 0; start < keys.length; start += MAX_KEYS) {
    yield keys
      .slice(start, start + MAX_KEYS)
      .map(whole)
      .join(',')
  }
}
