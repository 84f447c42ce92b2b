import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { ServerTlsOptions } from '../../server/index.ts'
import type { TlsFiles } from '../server-settings.ts'
import { describeError, StartFailure, systemReason } from './start-failure.ts'

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
  const privateKey = check('--ssl-key', keyFile, () => createPrivateKey(key))
  const certificate = check('--ssl-certificate', certificateFile, () => new X509Certificate(cert))
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
  check('--ssl-ca-file', file, () => new X509Certificate(ca))
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

function check<T>(option: string, file: string, parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    throw new StartFailure(`${option} ${file} cannot be used: ${describeError(cause)}`, { cause })
  }
}
