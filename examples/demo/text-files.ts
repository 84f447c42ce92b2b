import { createReadStream, type Dirent } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DemoError } from './demo-error.ts'

/** A file that holds text. */
export interface TextFile {
  readonly path: string
  readonly bytes: number
}

/** What {@link findTextFiles} found, and what it left out. */
export interface FoundFiles {
  readonly files: readonly TextFile[]
  readonly binary: number
  readonly unreadable: number
}

/** Part of a file that no word is cut by: the data of one job. */
export interface TextPiece {
  readonly text: string
  readonly bytes: number
}

const PROBE_BYTES = 4096
/** A file of more than this is cut into several jobs. */
const PIECE_BYTES = 256 * 1024
/** Something that long without a single space is no text; it is cut anywhere. */
const MAX_PIECE_BYTES = 4 * 1024 * 1024
const NEWLINE = 0x0a
const SPACE = 0x20

/**
 * All text files of a folder and the folders in it, in the order of their paths. A file with a NUL in its
 * first bytes is no text; links are not followed.
 *
 * @param path - the folder, or a single file
 * @param excluded - names of folders that are left out
 * @throws DemoError when there is nothing of that name, or no text in it
 */
export async function findTextFiles(
  path: string,
  excluded: ReadonlySet<string>,
): Promise<FoundFiles> {
  const found = { files: [] as TextFile[], binary: 0, unreadable: 0 }
  const info = await stat(path).catch((error: Error) => {
    throw new DemoError(`cannot read ${path}: ${error.message}`, { cause: error })
  })
  for await (const file of info.isDirectory() ? walk(path, excluded) : [path]) {
    const kind = file === undefined ? 'unreadable' : await probe(file)
    if (typeof kind === 'string') found[kind] += 1
    else found.files.push(kind)
  }
  if (found.files.length === 0) {
    const { binary, unreadable } = found
    throw new DemoError(
      `no text files in ${path} (binary: ${binary}, could not be read: ${unreadable})`,
    )
  }
  return found
}

/** A file in pieces, cut at white space. */
export async function* readPieces({ path }: TextFile): AsyncGenerator<TextPiece> {
  let kept: Buffer = Buffer.alloc(0)
  for await (const chunk of createReadStream(path, { highWaterMark: PIECE_BYTES })) {
    const bytes = Buffer.concat([kept, chunk as Buffer])
    const end = pieceEnd(bytes)
    kept = bytes.subarray(end)
    if (end > 0) yield toPiece(bytes.subarray(0, end))
  }
  if (kept.length > 0) yield toPiece(kept)
}

/** The files of a folder; `undefined` stands for a folder that cannot be read. */
async function* walk(
  folder: string,
  excluded: ReadonlySet<string>,
): AsyncGenerator<string | undefined> {
  let entries: Dirent[]
  try {
    entries = await readdir(folder, { withFileTypes: true })
  } catch {
    yield undefined // counted, and said in the report
    return
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const entry of entries) {
    const path = join(folder, entry.name)
    if (entry.isFile()) yield path
    else if (entry.isDirectory() && !excluded.has(entry.name)) yield* walk(path, excluded)
  }
}

async function probe(path: string): Promise<TextFile | 'binary' | 'unreadable'> {
  try {
    await using file = await open(path)
    const { bytesRead, buffer } = await file.read(Buffer.alloc(PROBE_BYTES), 0, PROBE_BYTES)
    if (buffer.subarray(0, bytesRead).includes(0)) return 'binary'
    return { path, bytes: (await file.stat()).size }
  } catch {
    return 'unreadable' // counted, and said in the report
  }
}

/** Where a piece ends: behind the last white space; 0 to wait for more. */
function pieceEnd(bytes: Buffer): number {
  if (bytes.length < PIECE_BYTES) return 0
  const end = Math.max(bytes.lastIndexOf(NEWLINE), bytes.lastIndexOf(SPACE)) + 1
  return end === 0 && bytes.length >= MAX_PIECE_BYTES ? bytes.length : end
}

function toPiece(bytes: Buffer): TextPiece {
  return { text: bytes.toString('utf8'), bytes: bytes.length }
}
