import { callAsync, type Library, type Pointer } from './library.ts'

/** A file of gearmand, by the abstract interface that it uses: the ending of the name says of which kind it is. */
export class GearmandFile {
  readonly #calls: ReturnType<typeof declareCalls>
  readonly #library: Library
  readonly #file: Pointer

  private constructor(library: Library, file: Pointer) {
    this.#library = library
    this.#calls = declareCalls(library)
    this.#file = file
  }

  /** @param mode - `r` to read, `wct` to make an empty one */
  static async open(library: Library, path: string, mode: 'r' | 'wct'): Promise<GearmandFile> {
    const { make, open, free } = declareCalls(library)
    const file = make()
    if ((await callAsync(open, file, `${path}#mode=${mode}`)) !== true) {
      free(file)
      throw new Error(`${path} cannot be opened: it is no such file, or gearmand has it open`)
    }
    return new GearmandFile(library, file)
  }

  /** Every record, in no order. */
  *records(): Generator<{ readonly key: string; readonly value: Buffer }> {
    const { rewind, next, get, release } = this.#calls
    const size = [0]
    rewind(this.#file)
    for (;;) {
      const key = next(this.#file, size)
      if (key === null) return
      const name = this.#library.read(key, size[0] ?? 0)
      release(key)
      const value = get(this.#file, name, name.length, size)
      if (value === null) continue
      const bytes = this.#library.read(value, size[0] ?? 0)
      release(value)
      yield { key: name.toString('latin1'), value: bytes }
    }
  }

  /** Puts a record; it is on the disk when the file is closed. */
  async put(key: string, value: Buffer): Promise<void> {
    const bytes = Buffer.from(key, 'latin1')
    await this.#must(this.#calls.put, bytes, bytes.length, value, value.length)
  }

  /** Writes all to the disk, if it was opened to write, and closes the file. */
  async finish(): Promise<void> {
    await this.#must(this.#calls.sync)
    await this.close()
  }

  /** Closes the file. */
  async close(): Promise<void> {
    await callAsync(this.#calls.close, this.#file)
    this.#calls.free(this.#file)
  }

  async #must(call: Parameters<typeof callAsync>[0], ...args: readonly unknown[]): Promise<void> {
    const isDone = await callAsync(call, this.#file, ...args)
    if (isDone !== true) throw new Error('a file for gearmand cannot be written')
  }
}

function declareCalls({ func }: Library) {
  return {
    make: func('void *tcadbnew(void)'),
    free: func('void tcadbdel(void *file)'),
    open: func('bool tcadbopen(void *file, const char *name)'),
    close: func('bool tcadbclose(void *file)'),
    sync: func('bool tcadbsync(void *file)'),
    put: func('bool tcadbput(void *file, const void *k, int ks, const void *v, int vs)'),
    rewind: func('bool tcadbiterinit(void *file)'),
    next: func('void *tcadbiternext(void *file, _Out_ int *size)'),
    get: func('void *tcadbget(void *file, const void *k, int ks, _Out_ int *size)'),
    release: func('void tcfree(void *memory)'),
  }
}
