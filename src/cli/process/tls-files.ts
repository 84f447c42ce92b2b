import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { ServerTlsOptions } from '../../server/index.ts'
import { systemReason } from '../describe-error.ts'
import type { TlsFiles } from '../server-settings.ts'
import { StartFailure } from './start-failure.ts'

const CERTIFICATE = 'certificate in PEM form'
const OPEN_KEY = 'private key in PEM form that opens without a passphrase'

/**
 * Reads the files of a TLS server and checks that they are what they should be, so that the message names
 * the one at fault.
 *
 * @throws StartFailure
 */
export function readTlsFiles(files: TlsFiles): ServerTlsOptions {
  const { keyFile, certificateFile, caFile, isClientVerified } = files
  const key = read('--ssl-key', keyFile)
  const cert = read('--ssl-certificate', certificateFile)
  const privateKey = check('--ssl-key', keyFile, OPEN_KEY, () => createPrivateKey(key))
  const certificate = check(
    '--ssl-certificate',
    certificateFile,
    CERTIFICATE,
    () => new X509Certificate(cert),
  )
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new StartFailure(
      `--ssl-key ${keyFile} is not the key of the certificate ${certificateFile}`,
    )
  }
  return { key, cert, ...readCa(caFile, isClientVerified) }
}

function readCa(file: string | undefined, isClientVerified: boolean): ServerTlsOptions {
  if (isClientVerified && file === undefined) {
    throw new StartFailure('--ssl-verify-client needs --ssl-ca-file: whose clients are let in')
  }
  if (file === undefined) return {}
  const ca = read('--ssl-ca-file', file)
  check('--ssl-ca-file', file, CERTIFICATE, () => new X509Certificate(ca))
  // Without verification it still completes the chain that clients are shown, as in gearmand.
  return { ca, requestCert: isClientVerified, rejectUnauthorized: isClientVerified }
}

function read(option: string, file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new StartFailure(`${option} ${file}: ${systemReason(cause)}`, { cause })
  }
}

/** What OpenSSL says of such a file, it says to programmers. */
function check<T>(option: string, file: string, what: string, parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    throw new StartFailure(`${option} ${file} holds no ${what}`, { cause })
  }
}
