import { join } from 'node:path'
import { test } from 'vitest'
import { useFolder } from '../../../../helpers/temporary-folder.ts'
import { expectNoLoss } from './expect-no-loss.ts'

/** A start of the server takes a second or two from the sources. */
const TIMEOUT_MS = 30 * 60_000

test(
  'a server that is killed at any moment loses no accepted job on SQLite',
  { timeout: TIMEOUT_MS },
  () => expectNoLoss({ kind: 'sqlite', place: join(useFolder(), 'jobs.db') }, 20),
)
