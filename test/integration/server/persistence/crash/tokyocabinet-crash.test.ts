import { join } from 'node:path'
import { test } from 'vitest'
import { useFolder } from '../../../../helpers/temporary-folder.ts'
import { describeWithTokyocabinet } from '../../../../helpers/tokyocabinet.ts'
import { expectNoLoss } from './expect-no-loss.ts'

/** A start of the server takes a second or two from the sources. */
const TIMEOUT_MS = 30 * 60_000

describeWithTokyocabinet('a server on Tokyo Cabinet', () => {
  test(
    'loses no accepted job when it is killed at any moment',
    {
      timeout: TIMEOUT_MS,
    },
    () => expectNoLoss({ kind: 'tokyocabinet', place: join(useFolder(), 'queue.tch') }, 3),
  )
})
