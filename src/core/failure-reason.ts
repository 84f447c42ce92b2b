/**
 * Why something failed, for a message of ours: the error's own message. Of an OpenSSL error only its reason, without
 * names of C functions; of an AggregateError (several addresses of one name were tried), which has none, those of its
 * parts.
 */
export function failureReason(error: Error): string {
  if (error instanceof AggregateError) {
    return error.errors
      .map((part) => (part instanceof Error ? failureReason(part) : String(part)))
      .join(', ')
  }
  if ('library' in error && 'reason' in error && typeof error.reason === 'string') {
    return error.reason
  }
  return error.message.trim()
}
