import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ConnectionOptions } from 'node:tls'
import { describe, expect, test, vi } from 'vitest'
import type { TlsFiles } from '../../../src/cli/server-settings.ts'
import { ServerUnavailable } from '../../../src/index.ts'
import { createCertificate } from '../../helpers/certificate.ts'
import {
  type CliServer,
  runCliServer,
  startCliServer,
  untilFileHas,
} from '../../helpers/cli-server.ts'
import { rejectionOf, useClient } from '../../helpers/fixtures.ts'
import { askText } from '../../helpers/gearmand.ts'
import { useFolder } from '../../helpers/temporary-folder.ts'
import { PROCESSES_TIMEOUT_MS } from './patience.ts'

vi.setConfig({ testTimeout: PROCESSES_TIMEOUT_MS })

const first = createCertificate()
const second = createCertificate()
const client = createCertificate()

interface Files extends TlsFiles {
  readonly folder: string
}

function useFiles(settings: Partial<TlsFiles> = {}): Files {
  const folder = useFolder()
  const keyFile = join(folder, 'key.pem')
  const certificateFile = join(folder, 'cert.pem')
  const files = { folder, keyFile, certificateFile, caFile: undefined, isClientVerified: false }
  writeCertificate(files, first)
  return { ...files, ...settings }
}

function writeCertificate(
  files: Pick<TlsFiles, 'keyFile' | 'certificateFile'>,
  { key, cert }: { readonly key: string; readonly cert: string },
): void {
  writeFileSync(files.keyFile, key)
  writeFileSync(files.certificateFile, cert)
}

/** Resolves when a job was accepted over TLS. */
async function submit({ host, port }: CliServer, tls: ConnectionOptions): Promise<void> {
  const submitter = useClient([{ host, port, tls }])
  await submitter.submitJob('t', '', { background: true })
  await submitter.shutdown()
}

describe('TLS of the server process', () => {
  test('encrypts the port, and answers nothing without it', async () => {
    const server = await startCliServer({ tls: useFiles() })
    await submit(server, { ca: first.cert })
    expect(await askText(server.port, 'version')).toBe(undefined)
  })

  test('lets in only clients with a certificate when that is asked for', async () => {
    const folder = useFolder()
    const caFile = join(folder, 'ca.pem')
    writeFileSync(caFile, client.cert)
    const server = await startCliServer({ tls: useFiles({ caFile, isClientVerified: true }) })
    await submit(server, { ca: first.cert, ...client })
    const stranger = createCertificate()
    for (const tls of [{ ca: first.cert }, { ca: first.cert, ...stranger }]) {
      expect(await rejectionOf(submit(server, tls))).toBeInstanceOf(ServerUnavailable)
    }
  })

  test('takes new certificates at SIGHUP, and keeps the old ones when the new are bad', async () => {
    const files = useFiles()
    const file = join(files.folder, 'server.log')
    const server = await startCliServer({ tls: files, log: { file, level: 'NOTICE' } })
    await submit(server, { ca: first.cert })

    writeCertificate(files, second)
    server.signal('SIGHUP')
    await untilFileHas(file, 'the certificates were read again')
    await submit(server, { ca: second.cert })
    expect(await rejectionOf(submit(server, { ca: first.cert }))).toBeInstanceOf(ServerUnavailable)

    writeFileSync(files.certificateFile, 'nonsense')
    server.signal('SIGHUP')
    await untilFileHas(
      file,
      /ERROR .* the old certificates stay in use: --ssl-certificate .*cert\.pem/,
    )
    await submit(server, { ca: second.cert })
  })

  test.each([
    ['keyFile', '--ssl-key', 'no private key in PEM form that opens without a passphrase'],
    ['certificateFile', '--ssl-certificate', 'no certificate in PEM form'],
    ['caFile', '--ssl-ca-file', 'no certificate in PEM form'],
  ] as const)(
    'names the file that is not there, or not what it should be: %s',
    async (name, option, content) => {
      const files = useFiles()
      const path = join(files.folder, 'other.pem')
      const missing = await runCliServer({ tls: { ...files, [name]: path } })
      expect(missing.stderr).toBe(
        `gearman-sdk server: ${option} ${path}: no such file or directory\n`,
      )
      expect(missing.code).toBe(1)
      writeFileSync(path, 'nonsense\n')
      const bad = await runCliServer({ tls: { ...files, [name]: path } })
      expect(bad.stderr).toBe(`gearman-sdk server: ${option} ${path} holds ${content}\n`)
      expect(bad.code).toBe(1)
    },
  )

  test('does not start with a key that belongs to another certificate', async () => {
    const files = useFiles()
    writeFileSync(files.keyFile, second.key)
    const { code, stderr } = await runCliServer({ tls: files })
    expect(stderr).toMatch(
      /: --ssl-key .*key\.pem is not the key of the certificate .*cert\.pem\n$/,
    )
    expect(code).toBe(1)
  })
})
