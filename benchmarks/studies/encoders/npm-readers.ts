import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** A reader of pickles from npm, and the protocol of those that it can read. */
export interface NpmReader {
  readonly name: string
  readonly protocol: 2 | 4
  read(pickle: Buffer): unknown
}

/** Those that are installed; of what is not, its name is printed. `node-pickle` and `pickle` start Python, so they are none. */
export function npmReaders(): readonly NpmReader[] {
  return [
    ...readers('pickleparser', [2, 4], (library) => {
      const { Parser } = library as { Parser: new () => { parse(bytes: Buffer): unknown } }
      return (pickle) => new Parser().parse(pickle)
    }),
    ...readers('jpickle', [2], (library) => {
      const { loads } = library as { loads(text: string): unknown }
      return (pickle) => loads(pickle.toString('latin1'))
    }),
    ...readers('unpickle', [4], (library) => library as (bytes: Buffer) => unknown),
  ]
}

function readers(
  name: string,
  protocols: readonly (2 | 4)[],
  adapt: (library: unknown) => NpmReader['read'],
): NpmReader[] {
  try {
    const read = adapt(require(name))
    return protocols.map((protocol) => ({ name, protocol, read }))
  } catch (error) {
    console.log(`${name} is not measured: ${String(error)}`)
    return []
  }
}
