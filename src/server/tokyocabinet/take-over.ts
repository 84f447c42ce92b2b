import { existsSync, renameSync, statSync } from 'node:fs'
import type { SetAsideRow, StoredJob } from '../stores/queue-store.ts'
import { GearmandFile } from './gearmand-file.ts'
import { readGearmandValue } from './gearmand-record.ts'
import { META_KEYS, recordKey, recordValue } from './job-record.ts'
import type { Library } from './library.ts'
import type { TreeFile } from './tree-file.ts'

/** What gearmand's file is called once its jobs are in the store. */
export const TAKEN_OVER = '.taken-over'

/** What an import moved. */
export interface TakenOver {
  readonly jobs: number
  readonly setAside: readonly SetAsideRow[]
  /** The key of the last job. */
  readonly highestKey: number
}

/**
 * Moves the jobs of gearmand's file into the store, in one transaction, and the file out of the way: nothing is
 * deleted. What a crash left between the two is known by the file's identity, so no job comes twice.
 */
export async function takeOver(
  library: Library,
  tree: TreeFile,
  path: string,
  highestKey: number,
): Promise<TakenOver> {
  if (!existsSync(path)) return { jobs: 0, setAside: [], highestKey }
  const known = tree.get(META_KEYS.knownFile)?.toString()
  if (known === identityOf(path)) {
    await moveAway(tree, path)
    return { jobs: 0, setAside: [], highestKey }
  }
  const { changes, ...taken } = await readJobs(library, path, highestKey)
  if (taken.jobs + taken.setAside.length === 0) return taken
  changes.set(META_KEYS.knownFile, Buffer.from(identityOf(path)))
  await tree.write(changes)
  await moveAway(tree, path)
  return taken
}

/** Who moves it back wants it to be taken over again: it is not known any more. */
async function moveAway(tree: TreeFile, path: string): Promise<void> {
  renameSync(path, `${path}${TAKEN_OVER}`)
  await tree.write(new Map([[META_KEYS.knownFile, undefined]]))
}

/** What a file keeps when it is renamed, and does not when somebody writes to it. */
export function identityOf(path: string): string {
  const { ino, size, mtimeNs } = statSync(path, { bigint: true })
  return `${ino} ${size} ${mtimeNs}`
}

async function readJobs(
  library: Library,
  path: string,
  highestKey: number,
): Promise<TakenOver & { readonly changes: Map<string, Buffer | undefined> }> {
  const file = await GearmandFile.open(library, path, 'r')
  const changes = new Map<string, Buffer | undefined>()
  const setAside: SetAsideRow[] = []
  const acceptedAtMs = Date.now()
  let key = highestKey
  try {
    for (const record of file.records()) {
      const found = readGearmandValue(record.value)
      if (typeof found === 'string') {
        const row = `record ${JSON.stringify(record.key)} of ${path}, now in ${path}${TAKEN_OVER}`
        setAside.push({ row, reason: found })
        continue
      }
      key += 1
      const job: StoredJob = { ...found, key, reducer: '', acceptedAtMs, retries: 0 }
      changes.set(recordKey(key), recordValue(job))
    }
  } finally {
    await file.close()
  }
  return { jobs: changes.size, setAside, highestKey: key, changes }
}
