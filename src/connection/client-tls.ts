import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { type ConnectionOptions, createSecureContext } from 'node:tls'
import { show } from '../core/checks.ts'
import { InvalidArgumentError, TlsError } from '../errors.ts'

/**
 * The options of a TLS connection to a server: Node's own for `tls.connect`, and files, which are read again at each
 * connect: a certificate that was renewed is used from the next connect on.
 */
export interface ClientTlsOptions extends ConnectionOptions {
  /** A file of the authorities that are trusted, in PEM form; instead of `ca`. */
  readonly caFile?: string | undefined
  /** A file of the client's certificate, in PEM form; instead of `cert`. */
  readonly certFile?: string | undefined
  /** A file of its private key, in PEM form; instead of `key`. A `passphrase` opens it. */
  readonly keyFile?: string | undefined
}

const FILES = { caFile: 'ca', certFile: 'cert', keyFile: 'key' } as const

type FileOption = keyof typeof FILES

/**
 * Checks that options can be used: the files can be read, certificates and keys are some and belong together.
 *
 * @param server - as `host:port`, for the error
 * @throws InvalidArgumentError naming the server and what is wrong
 */
export function checkClientTls(server: string, options: ClientTlsOptions): void {
  const { caFile, certFile, keyFile, ...rest } = options
  const material: ConnectionOptions = { ...rest }
  for (const [option, path] of filesOf(options)) {
    try {
      material[FILES[option]] = readFileSync(path)
    } catch (cause) {
      throw unreadable(server, option, path, cause)
    }
  }
  if (Object.keys(material).length === 0) return
  try {
    createSecureContext(material)
  } catch (cause) {
    throw unusable(server, cause)
  }
}

/**
 * The options for one connect, with what the files hold now.
 *
 * @throws TlsError when a file cannot be read
 */
export async function readClientTls(
  server: string,
  options: ClientTlsOptions,
): Promise<ConnectionOptions> {
  const { caFile, certFile, keyFile, ...rest } = options
  const material: ConnectionOptions = { ...rest }
  for (const [option, path] of filesOf(options)) {
    try {
      material[FILES[option]] = await readFile(path)
    } catch (cause) {
      throw new TlsError(`${server}: tls.${option} ${problemOf(server, path, cause)}`, {
        server,
        cause,
      })
    }
  }
  return material
}

function filesOf(options: ClientTlsOptions): [FileOption, string][] {
  const files: [FileOption, string][] = []
  for (const option of ['caFile', 'certFile', 'keyFile'] as const) {
    const path: unknown = options[option]
    if (path === undefined) continue
    if (typeof path !== 'string') {
      throw new InvalidArgumentError(`tls.${option}`, `must be a path, not ${show(path)}`)
    }
    files.push([option, path])
  }
  return files
}

function unreadable(
  server: string,
  option: FileOption,
  path: string,
  cause: unknown,
): InvalidArgumentError {
  return new InvalidArgumentError(`tls.${option}`, problemOf(server, path, cause), { cause })
}

function unusable(server: string, cause: unknown): InvalidArgumentError {
  const problem = `of ${server} cannot be used: ${textOf(cause)}`
  return new InvalidArgumentError('tls', problem, { cause })
}

function problemOf(server: string, path: string, cause: unknown): string {
  return `of ${server} cannot be read: ${path}: ${textOf(cause)}`
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
