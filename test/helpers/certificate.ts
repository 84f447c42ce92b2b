import { generateKeyPairSync, sign } from 'node:crypto'
import { isIP } from 'node:net'

/** What {@link createCertificate} accepts. */
export interface CertificateOptions {
  /** DNS names and IPv4 addresses that it is good for. Default `localhost` and `127.0.0.1`. */
  readonly hosts?: readonly string[]
  /** When it begins and ends. Default: an hour ago, in an hour. */
  readonly from?: Date
  readonly to?: Date
}

const HOUR_MS = 3_600_000
const ECDSA_WITH_SHA256 = '06082a8648ce3d040302'
const COMMON_NAME = '0603550403'
const SUBJECT_ALT_NAME = '0603551d11'

/** A self-signed certificate and its key in PEM, made on the spot: no key lies in the repository. */
export function createCertificate(options: CertificateOptions = {}): { cert: string; key: string } {
  const { hosts = ['localhost', '127.0.0.1'] } = options
  const { from = new Date(Date.now() - HOUR_MS), to = new Date(Date.now() + HOUR_MS) } = options
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = sequence(der(0x31, sequence(hex(COMMON_NAME), der(0x0c, Buffer.from('test')))))
  const altNames = sequence(...hosts.map(altName))
  const algorithm = sequence(hex(ECDSA_WITH_SHA256))
  const toBeSigned = sequence(
    der(0xa0, hex('020102')), // version 3
    hex('020101'), // serial number
    algorithm,
    name,
    sequence(time(from), time(to)),
    name,
    publicKey.export({ format: 'der', type: 'spki' }),
    der(0xa3, sequence(sequence(hex(SUBJECT_ALT_NAME), der(0x04, altNames)))),
  )
  const signature = Buffer.concat([Buffer.from([0]), sign('sha256', toBeSigned, privateKey)])
  const certificate = sequence(toBeSigned, algorithm, der(0x03, signature))
  const lines = certificate.toString('base64').replaceAll(/.{1,64}/g, '$&\n')
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}-----END CERTIFICATE-----\n`,
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  }
}

function altName(host: string): Buffer {
  return isIP(host) === 4
    ? der(0x87, Buffer.from(host.split('.').map(Number)))
    : der(0x82, Buffer.from(host))
}

function time(date: Date): Buffer {
  const digits = date.toISOString().replaceAll(/[-:T]|\.\d+/g, '')
  return der(0x18, Buffer.from(digits)) // GeneralizedTime
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts))
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content
  const size = length < 0x80 ? [length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

function hex(digits: string): Buffer {
  return Buffer.from(digits, 'hex')
}
