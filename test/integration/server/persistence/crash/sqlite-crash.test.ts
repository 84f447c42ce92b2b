import { join } from 'node:path'
import { test } from 'vitest'
import { useFolder } from '../../../../helpers/temporary-folder.ts'
import { expectNoLoss } from './expect-no-loss.ts'

/** A start takes a second on a busy machine, and the long form has hundreds. */
const TIMEOUT_MS = 30 * 60_000

test(
  'a server that is killed at any moment loses no accepted job on SQLite',
  { timeout: TIMEOUT_MS },
  () => expectNoLoss({ kind: 'sqlite', place: join(useFolder(), 'jobs.db') }, 20),
)
