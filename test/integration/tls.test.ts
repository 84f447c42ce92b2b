import { describe, expect, onTestFinished, test } from 'vitest'
import {
  GearmanAdminClient,
  GearmanClient,
  GearmanConnectionManager,
  GearmanWorker,
  ServerUnavailable,
} from '../../src/index.ts'
import { GearmanServer } from '../../src/server/index.ts'
import { createCertificate } from '../helpers/certificate.ts'
import { rejectionOf } from '../helpers/fixtures.ts'
import { failOnLeaks } from '../helpers/leaks.ts'

const { cert, key } = createCertificate()

async function listenWithTls(): Promise<{ host: string; port: number }> {
  const server = new GearmanServer({ port: 0, tls: { cert, key } })
  const { host, port } = await server.listen()
  onTestFinished(() => server.close())
  return { host, port }
}

describe('TLS', () => {
  failOnLeaks()

  test('carries client, worker and admin client of one manager', async () => {
    const { host, port } = await listenWithTls()
    await using manager = new GearmanConnectionManager([[host, port]], { tls: { ca: cert } })
    await using worker = new GearmanWorker(manager)
    worker.registerTask('upper', (_worker, job) => job.data.toString().toUpperCase())
    const working = worker.work()
    await using client = new GearmanClient(manager)
    expect(String(await client.do('upper', 'secret'))).toBe('SECRET')
    const large = Buffer.alloc(1_000_000, 'x')
    expect(await client.do('upper', large)).toHaveLength(large.length)
    await using admin = new GearmanAdminClient(manager)
    expect(await admin.getVersion()).toMatch(/^1\.1\.20/)
    await worker.stop()
    await working
  })

  test('is refused when the certificate is not trusted, and nothing is sent', async () => {
    const { host, port } = await listenWithTls()
    await using client = new GearmanClient([{ host, port, tls: true }])
    const error = await rejectionOf(client.do('upper', 'secret'))
    expect(error).toBeInstanceOf(ServerUnavailable)
    expect(String(error)).toMatch(/self-signed certificate/)
  })

  test('is refused when the certificate names another host', async () => {
    const other = createCertificate({ hosts: ['elsewhere.example'] })
    const server = new GearmanServer({ port: 0, tls: other })
    const { host, port } = await server.listen()
    onTestFinished(() => server.close())
    await using client = new GearmanClient([{ host, port, tls: { ca: other.cert } }])
    const error = await rejectionOf(client.do('upper', 'secret'))
    expect(error).toBeInstanceOf(ServerUnavailable)
    expect(String(error)).toMatch(/does not match certificate's altnames/)
  })

  test('asked of a server without it fails at once instead of hanging', async () => {
    const server = new GearmanServer({ port: 0 })
    const { host, port } = await server.listen()
    onTestFinished(() => server.close())
    await using client = new GearmanClient([{ host, port, tls: { ca: cert } }])
    expect(await rejectionOf(client.do('upper', 'secret'))).toBeInstanceOf(ServerUnavailable)
  })
})
