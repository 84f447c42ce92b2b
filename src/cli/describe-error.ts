/** What is said of an error: its message, in one line. */
export function describeError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.replace(/\s*\n\s*/g, ' ')
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EADDRINUSE: 'the address is in use',
  EADDRNOTAVAIL: 'this machine has no such address',
  EISDIR: 'it is a directory',
  ENOENT: 'no such file or directory',
  ENOTDIR: 'a part of the path is no directory',
  ENOTFOUND: 'no such host',
  ENXIO: 'nobody reads from this pipe',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
}

/** Why a call of the system failed, without the call and its arguments, which the caller names itself. */
export function systemReason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return REASONS[code] ?? describeError(error)
}
