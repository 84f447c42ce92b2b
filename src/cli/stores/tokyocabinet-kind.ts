import { TokyocabinetStore } from '../../server/index.ts'
import { UsageError } from '../usage-error.ts'
import type { StoreKind } from './store-kind.ts'
import { flagRow, textRow } from './store-rows.ts'

/** `--queue-type libtokyocabinet`, with gearmand's options. */
export const TOKYOCABINET_KIND: StoreKind = {
  names: ['libtokyocabinet', 'tokyocabinet'],
  section: {
    title: 'libtokyocabinet',
    options: [
      textRow('libtokyocabinet-file', 'a path', {
        help: "gearmand's file, .tch or .tcb: its jobs are taken over. Ours is beside it.",
      }),
      flagRow('libtokyocabinet-optimize', {
        help: 'Accepted, not needed: free space in the file is put together while it is used.',
        notice:
          '--libtokyocabinet-optimize is not needed: the file is kept in order while it is used',
      }),
    ],
  },
  create(values) {
    const file = values.text('libtokyocabinet-file')
    if (file === undefined) {
      throw new UsageError('--queue-type libtokyocabinet needs --libtokyocabinet-file FILE')
    }
    return new TokyocabinetStore({ file })
  },
}
