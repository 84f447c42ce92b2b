import { callAsync, type Library, type LibraryCall, type Pointer } from './library.ts'

/** Writes, makes the file, does not wait for its lock, and syncs each transaction to the disk. */
const OPEN_FLAGS = 2 | 4 | 32 | 64
/** The file may have more than 2 GiB. */
const LARGE = 1
/** Buckets for the pages of the tree. */
const BUCKETS = 131_071n
/** Free space is put together again after so many changes. */
const DEFRAGMENT_UNIT = 8

/** Error codes: somebody else has the file open, in this process or in another one. */
const THREAD_ERROR = 1
const LOCK_ERROR = 16

/** One record. */
export interface TreeRecord {
  readonly key: Buffer
  readonly value: Buffer
}

/** The file is open elsewhere. */
export class TreeFileInUse extends Error {}

/**
 * A B+ tree of Tokyo Cabinet (`tcbdb`): records in the order of their keys' bytes. Whatever writes runs in a thread
 * of koffi's; there is no mutex, so one call at a time.
 */
export class TreeFile {
  readonly #calls: TreeCalls
  readonly #library: Library
  readonly #tree: Pointer
  #isClosed = false

  private constructor(library: Library, calls: TreeCalls, tree: Pointer) {
    this.#library = library
    this.#calls = calls
    this.#tree = tree
  }

  /** @throws TreeFileInUse when somebody has it open, Error for all else (as a rejection) */
  static async open(library: Library, path: string): Promise<TreeFile> {
    const calls = declareCalls(library)
    const tree = calls.make()
    const file = new TreeFile(library, calls, tree)
    calls.tune(tree, 0, 0, BUCKETS, -1, -1, LARGE)
    calls.setDefragment(tree, DEFRAGMENT_UNIT)
    if ((await callAsync(calls.open, tree, path, OPEN_FLAGS)) === true) return file
    const code = Number(calls.errorCode(tree))
    const error = file.#error()
    calls.free(tree)
    throw code === THREAD_ERROR || code === LOCK_ERROR ? new TreeFileInUse() : error
  }

  /** The value of a record. */
  get(key: string): Buffer | undefined {
    const bytes = Buffer.from(key, 'latin1')
    const size = [0]
    const pointer = this.#calls.get(this.#tree, bytes, bytes.length, size)
    return pointer === null ? undefined : this.#library.read(pointer, size[0] ?? 0)
  }

  /** The last record of all. */
  last(): TreeRecord | undefined {
    const cursor = this.#calls.makeCursor(this.#tree)
    try {
      return this.#calls.toLast(cursor) === true ? this.#at(cursor) : undefined
    } finally {
      this.#calls.freeCursor(cursor)
    }
  }

  /** Records from a key on, until there are `count`, or as many that their values have `bytes`. */
  from(key: Buffer, count: number, bytes: number): TreeRecord[] {
    const cursor = this.#calls.makeCursor(this.#tree)
    const records: TreeRecord[] = []
    let total = 0
    try {
      let isThere = this.#calls.toKey(cursor, key, key.length)
      while (isThere === true && records.length < count && total < bytes) {
        const record = this.#at(cursor)
        records.push(record)
        total += record.value.length
        isThere = this.#calls.toNext(cursor)
      }
      return records
    } finally {
      this.#calls.freeCursor(cursor)
    }
  }

  /**
   * Makes changes, all or none; they are on the disk then.
   *
   * @param changes - a value to put, `undefined` to remove, by key
   */
  async write(changes: ReadonlyMap<string, Buffer | undefined>): Promise<void> {
    await this.#must(this.#calls.begin)
    try {
      for (const [key, value] of changes) await this.#change(Buffer.from(key, 'latin1'), value)
      await this.#must(this.#calls.commit)
    } catch (error) {
      await callAsync(this.#calls.abort, this.#tree)
      throw error
    }
  }

  /** Closes the file; nothing can be done with it any more. Closing it again is nothing. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    try {
      await this.#must(this.#calls.close)
    } finally {
      this.#calls.free(this.#tree)
    }
  }

  async #change(key: Buffer, value: Buffer | undefined): Promise<void> {
    // What is not there need not be removed: the one reason for which this fails without harm.
    if (value === undefined) await callAsync(this.#calls.remove, this.#tree, key, key.length)
    else await this.#must(this.#calls.put, key, key.length, value, value.length)
  }

  #at(cursor: Pointer): TreeRecord {
    const size = [0]
    const key = this.#library.read(this.#calls.keyAt(cursor, size), size[0] ?? 0)
    const value = this.#library.read(this.#calls.valueAt(cursor, size), size[0] ?? 0)
    return { key, value }
  }

  async #must(call: LibraryCall, ...args: readonly unknown[]): Promise<void> {
    if ((await callAsync(call, this.#tree, ...args)) !== true) throw this.#error()
  }

  #error(): Error {
    return new Error(String(this.#calls.errorText(this.#calls.errorCode(this.#tree))))
  }
}

type TreeCalls = ReturnType<typeof declareCalls>

function declareCalls({ func }: Library) {
  return {
    make: func('void *tcbdbnew(void)'),
    free: func('void tcbdbdel(void *tree)'),
    tune: func(
      'bool tcbdbtune(void *tree, int32_t leaf, int32_t node, int64_t buckets, int8_t align, int8_t pool, uint8_t options)',
    ),
    setDefragment: func('bool tcbdbsetdfunit(void *tree, int32_t unit)'),
    open: func('bool tcbdbopen(void *tree, const char *path, int mode)'),
    close: func('bool tcbdbclose(void *tree)'),
    put: func('bool tcbdbput(void *tree, const void *k, int ks, const void *v, int vs)'),
    remove: func('bool tcbdbout(void *tree, const void *k, int ks)'),
    get: func('const void *tcbdbget3(void *tree, const void *k, int ks, _Out_ int *size)'),
    begin: func('bool tcbdbtranbegin(void *tree)'),
    commit: func('bool tcbdbtrancommit(void *tree)'),
    abort: func('bool tcbdbtranabort(void *tree)'),
    errorCode: func('int tcbdbecode(void *tree)'),
    errorText: func('const char *tcbdberrmsg(int code)'),
    makeCursor: func('void *tcbdbcurnew(void *tree)'),
    freeCursor: func('void tcbdbcurdel(void *cursor)'),
    toKey: func('bool tcbdbcurjump(void *cursor, const void *k, int ks)'),
    toLast: func('bool tcbdbcurlast(void *cursor)'),
    toNext: func('bool tcbdbcurnext(void *cursor)'),
    keyAt: func('const void *tcbdbcurkey3(void *cursor, _Out_ int *size)'),
    valueAt: func('const void *tcbdbcurval3(void *cursor, _Out_ int *size)'),
  }
}
