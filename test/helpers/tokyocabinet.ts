import { loadLibrary } from '../../src/server/tokyocabinet/library.ts'
import { describeWhen } from './test-when.ts'

const isThere = await loadLibrary().then(
  () => true,
  () => false,
)

/** `describe` for suites that need the library; see `describeWhen`. */
export function describeWithTokyocabinet(name: string, body: () => void): void {
  const reason = 'Tokyo Cabinet is not installed (Debian package libtokyocabinet9)'
  describeWhen(isThere, reason, name, body)
}
