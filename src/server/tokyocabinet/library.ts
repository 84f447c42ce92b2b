/** A pointer of the library. */
export type Pointer = unknown

/** A call into the library: at once, or in a thread of koffi's, which may take as long as the disk does. */
export interface LibraryCall {
  // biome-ignore lint/suspicious/noExplicitAny: each C function has arguments and a result of its own
  (...args: any[]): any
  // biome-ignore lint/suspicious/noExplicitAny: the same
  async(...args: any[]): void
}

/** Tokyo Cabinet, loaded. */
export interface Library {
  /** Declares a function as C does. */
  func(declaration: string): LibraryCall
  /** Copies bytes out of the library's memory. */
  read(pointer: Pointer, size: number): Buffer
}

/** Under Linux, macOS and where it was built by hand. */
const NAMES = [
  'libtokyocabinet.so.9',
  'libtokyocabinet.so',
  'libtokyocabinet.9.dylib',
  'libtokyocabinet.dylib',
]

/** Loads koffi, which is an optional peer dependency, and the library, which the system has to have. */
export async function loadLibrary(): Promise<Library> {
  const { default: koffi } = await import('koffi').catch((cause: NodeJS.ErrnoException) => {
    const isMissing = cause.code === 'ERR_MODULE_NOT_FOUND' || cause.code === 'MODULE_NOT_FOUND'
    const reason = isMissing ? 'it is not installed' : cause.message
    throw new Error(`it needs the package koffi (npm install koffi): ${reason}`, { cause })
  })
  let failure: unknown
  for (const name of NAMES) {
    try {
      const library = koffi.load(name)
      return {
        func: (declaration) => library.func(declaration),
        read: (pointer, size) => Buffer.from(new Uint8Array(koffi.view(pointer, size))),
      }
    } catch (error) {
      failure ??= error
    }
  }
  const help = 'it needs the library Tokyo Cabinet (Debian: apt-get install libtokyocabinet9)'
  throw new Error(`${help}: ${(failure as Error).message}`, { cause: failure })
}

/** Calls a function in another thread. The arguments must stay as they are until it is done. */
export function callAsync(call: LibraryCall, ...args: readonly unknown[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    call.async(...args, (error: Error | null, result: unknown) => {
      if (error === null) resolve(result)
      else reject(error)
    })
  })
}
