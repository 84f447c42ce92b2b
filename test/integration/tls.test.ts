import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  type ClientTlsOptions,
  GearmanAdminClient,
  GearmanClient,
  GearmanConnectionManager,
  GearmanWorker,
  InvalidArgumentError,
  ServerUnavailable,
  TlsError,
} from '../../src/index.ts'
import { GearmanServer, type ServerTlsOptions } from '../../src/server/index.ts'
import { createCertificate } from '../helpers/certificate.ts'
import { rejectionOf } from '../helpers/fixtures.ts'
import { findGearmand, startGearmand } from '../helpers/gearmand.ts'
import { failOnLeaks } from '../helpers/leaks.ts'
import { findStunnel, useStunnel } from '../helpers/stunnel.ts'
import { useFolder } from '../helpers/temporary-folder.ts'
import { describeWhen } from '../helpers/test-when.ts'

const { cert, key } = createCertificate()

async function listenWithTls(
  tls: ServerTlsOptions = { cert, key },
): Promise<{ host: string; port: number }> {
  const server = new GearmanServer({ port: 0, tls })
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
    expect(error.cause).toMatchObject({
      code: 'ERR_GEARMAN_TLS',
      server: `127.0.0.1:${port}`,
      expectedName: undefined,
      message: expect.stringContaining(`127.0.0.1:${port}: self-signed certificate`),
    })
  })

  test('is refused when the certificate names another host: the error says which was expected', async () => {
    const other = createCertificate({ hosts: ['elsewhere.example'] })
    const { port } = await listenWithTls(other)
    const addresses = [
      { host: '127.0.0.1', expectedName: '127.0.0.1' },
      { host: 'localhost', expectedName: 'localhost' },
      { host: '127.0.0.1', servername: 'gear.example', expectedName: 'gear.example' },
    ]
    for (const { host, expectedName, servername } of addresses) {
      const tls = { ca: other.cert, ...(servername === undefined ? {} : { servername }) }
      await using client = new GearmanClient([{ host, port, tls }])
      const error = await rejectionOf(client.do('upper', 'secret'))
      expect(error).toBeInstanceOf(ServerUnavailable)
      expect(error.cause).toBeInstanceOf(TlsError)
      expect(error.cause).toMatchObject({
        ...{ code: 'ERR_GEARMAN_TLS', server: `${host}:${port}`, expectedName },
        cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
      })
      expect(String(error)).toContain(
        `the certificate is not for ${expectedName}, which was expected, but for DNS:elsewhere.example`,
      )
    }
  })

  test('takes a server by the name that the options expect', async () => {
    const other = createCertificate({ hosts: ['elsewhere.example'] })
    const { host, port } = await listenWithTls(other)
    const tls = { ca: other.cert, servername: 'elsewhere.example' }
    await using client = new GearmanClient([{ host, port, tls }])
    await client.ready()
  })

  test('puts a server out whose certificate is for another name; others serve', async () => {
    const other = createCertificate({ hosts: ['elsewhere.example'] })
    const [bad, good] = [await listenWithTls(other), await listenWithTls()]
    const addresses = [
      { ...bad, tls: { ca: other.cert } },
      { ...good, tls: { ca: cert } },
    ]
    await using worker = new GearmanWorker(addresses)
    worker.registerTask('upper', (_worker, job) => job.data.toString().toUpperCase())
    void worker.work()
    await worker.ready()
    await using client = new GearmanClient(addresses)
    for (const unique of [undefined, 'a', 'b', 'c', 'd', 'e']) {
      expect(String(await client.do('upper', 'secret', { unique }))).toBe('SECRET')
    }
    for (const { connections } of [client, worker]) {
      expect(connections).toMatchObject([
        { server: `127.0.0.1:${bad.port}`, lastError: { expectedName: '127.0.0.1' } },
        { server: `127.0.0.1:${good.port}`, state: 'ready', lastError: undefined },
      ])
    }
  })

  test('shows a client certificate to a server that asks for one, from all three', async () => {
    const known = createCertificate()
    const { host, port } = await listenWithTls({
      ...{ cert, key, ca: known.cert },
      ...{ requestCert: true, rejectUnauthorized: true },
    })
    const address = { host, port }
    const tls = { ca: cert, ...known }
    await using worker = new GearmanWorker([address], { tls })
    worker.registerTask('upper', (_worker, job) => job.data.toString().toUpperCase())
    void worker.work()
    await worker.ready()
    await using client = new GearmanClient([address], { tls })
    expect(String(await client.do('upper', 'secret'))).toBe('SECRET')
    await using admin = new GearmanAdminClient(address, { tls })
    expect((await admin.getStatus()).map(({ task, workers }) => [task, workers])).toEqual([
      ['upper', 1],
    ])
    const without = new GearmanClient([address], { tls: { ca: cert } })
    onTestFinished(() => without.shutdown())
    expect(await rejectionOf(without.do('upper', 'secret'))).toBeInstanceOf(ServerUnavailable)
  })

  test('reads its files at each connect: a renewed certificate needs no restart', async () => {
    const folder = useFolder()
    const [first, second] = [createCertificate(), createCertificate()]
    const server = new GearmanServer({
      ...{ port: 0 },
      tls: { cert, key, requestCert: true, rejectUnauthorized: true, ca: first.cert },
    })
    const { host, port } = await server.listen()
    onTestFinished(() => server.close())
    const tls = {
      caFile: join(folder, 'ca.pem'),
      certFile: join(folder, 'cert.pem'),
      keyFile: join(folder, 'key.pem'),
    }
    writeFileSync(tls.caFile, cert)
    const write = (pair: { readonly cert: string; readonly key: string }): void => {
      writeFileSync(tls.certFile, pair.cert)
      writeFileSync(tls.keyFile, pair.key)
    }
    write(first)
    const address = { host, port, tls }
    await using before = new GearmanClient([address])
    await before.ready()
    server.reloadTls({ cert, key, requestCert: true, rejectUnauthorized: true, ca: second.cert })
    await using late = new GearmanClient([address], { reconnectMinDelay: 1, reconnectMaxDelay: 20 })
    expect(await rejectionOf(late.ready())).toBeInstanceOf(ServerUnavailable)
    write(second)
    await late.ready({ pollTimeout: 30_000 })
    expect(before.connections).toMatchObject([{ state: 'ready' }])
  })

  test('whose file goes missing later puts that server out, with the path, until it is back', async () => {
    const folder = useFolder()
    const caFile = join(folder, 'ca.pem')
    writeFileSync(caFile, cert)
    const { host, port } = await listenWithTls()
    const plain = new GearmanServer({ port: 0 })
    const other = await plain.listen()
    onTestFinished(() => plain.close())
    await using client = new GearmanClient([{ host, port, tls: { caFile } }, other], {
      ...{ reconnectMinDelay: 1, reconnectMaxDelay: 20 },
    })
    rmSync(caFile)
    await client.ready()
    const error = await rejectionOf(client.ready({ all: true }))
    expect(error.cause).toBeInstanceOf(TlsError)
    expect(error.message).toContain(`127.0.0.1:${port}: tls.caFile`)
    expect(error.message).toContain(caFile)
    writeFileSync(caFile, cert)
    await client.ready({ all: true, pollTimeout: 30_000 })
  })

  test('can be given other certificates while it works', async () => {
    const renewed = createCertificate()
    const server = new GearmanServer({ port: 0, tls: { cert, key } })
    const { host, port } = await server.listen()
    onTestFinished(() => server.close())
    server.reloadTls(renewed)
    await using client = new GearmanClient([{ host, port }], {
      ...{ tls: { ca: cert }, reconnectMinDelay: 1, reconnectMaxDelay: 20 },
    })
    expect(await rejectionOf(client.ready())).toBeInstanceOf(ServerUnavailable)
    client.reloadTls({ ca: renewed.cert })
    await client.ready({ pollTimeout: 30_000 })
    expect(() => client.reloadTls({ ca: renewed.cert }, 'localhost:1')).toThrow('localhost:1')
    expect(() => client.reloadTls({ cert: 'nonsense' })).toThrow(InvalidArgumentError)
    expect(() => client.reloadTls(true as never)).toThrow(InvalidArgumentError)
    const plain = new GearmanClient('localhost:1')
    onTestFinished(() => plain.shutdown())
    expect(() => plain.reloadTls({ ca: cert })).toThrow('no server has TLS')
  })

  const missing = '/nowhere/at-all.pem'
  test.each([
    [{ caFile: missing }, 'tls.caFile', missing],
    [{ certFile: missing, keyFile: missing }, 'tls.certFile', missing],
    [{ cert, keyFile: missing }, 'tls.keyFile', missing],
    [{ caFile: 7 }, 'tls.caFile', 'a path'],
    [{ cert: 'nonsense' }, 'tls', 'cannot be used'],
    [{ cert, key: createCertificate().key }, 'tls', 'cannot be used'],
  ])(
    'that cannot be used is refused by all three, with address and reason: %#',
    (tls, argument, text) => {
      const address = { host: 'gear.example', port: 4731, tls: tls as ClientTlsOptions }
      for (const make of [
        () => new GearmanClient([address]),
        () => new GearmanWorker([address]),
        () => new GearmanAdminClient(address),
        () => new GearmanClient('localhost').addConnection(address),
      ]) {
        expect(make).toThrow(InvalidArgumentError)
        expect(make).toThrow(expect.objectContaining({ argument }))
        expect(make).toThrow(text)
        if (text !== 'a path') expect(make).toThrow('gear.example:4731')
      }
    },
  )

  test('asked of a server without it fails at once instead of hanging', async () => {
    const server = new GearmanServer({ port: 0 })
    const { host, port } = await server.listen()
    onTestFinished(() => server.close())
    await using client = new GearmanClient([{ host, port, tls: { ca: cert } }])
    const error = await rejectionOf(client.do('upper', 'secret'))
    expect(error).toBeInstanceOf(ServerUnavailable)
    expect(String(error)).not.toMatch(/routines/)
  })
})

describeWhen(
  findStunnel() !== undefined && findGearmand() !== undefined,
  'stunnel and gearmand are not both installed (Debian packages stunnel4, gearman-job-server)',
  'TLS to a gearmand behind stunnel',
  () => {
    failOnLeaks()

    test('carries client, worker and admin client', async () => {
      const gearmand = await startGearmand()
      onTestFinished(() => gearmand.stop())
      const port = await useStunnel({ port: gearmand.port, cert, key })
      const address = { host: 'localhost', port }
      const tls = { ca: cert }
      await using worker = new GearmanWorker([address], { tls })
      worker.registerTask('upper', (_worker, job) => job.data.toString().toUpperCase())
      const working = worker.work()
      await worker.ready()
      await using client = new GearmanClient([address], { tls })
      expect(String(await client.do('upper', 'secret'))).toBe('SECRET')
      const large = Buffer.alloc(1_000_000, 'x')
      expect(await client.do('upper', large)).toHaveLength(large.length)
      await using admin = new GearmanAdminClient(address, { tls })
      expect(await admin.getVersion()).toMatch(/^1\./)
      expect(await admin.getStatus()).toMatchObject([{ task: 'upper', workers: 1 }])
      await worker.stop()
      await working
    })

    test('goes on after gearmand was restarted behind it', async () => {
      const gearmand = await startGearmand()
      onTestFinished(() => gearmand.stop())
      const port = await useStunnel({ port: gearmand.port, cert, key })
      const address = { host: 'localhost', port }
      const options = { tls: { ca: cert }, reconnectMinDelay: 5, reconnectMaxDelay: 50 }
      await using worker = new GearmanWorker([address], options)
      worker.registerTask('upper', (_worker, job) => job.data.toString().toUpperCase())
      void worker.work()
      await using client = new GearmanClient([address], options)
      expect(String(await client.do('upper', 'one'))).toBe('ONE')
      await gearmand.restart('SIGKILL')
      await worker.ready({ pollTimeout: 30_000 })
      const limits = { pollTimeout: 30_000, idempotent: true }
      expect(String(await client.do('upper', 'two', limits))).toBe('TWO')
    })

    test('with client certificates lets in only who has one', async () => {
      const gearmand = await startGearmand()
      onTestFinished(() => gearmand.stop())
      const known = createCertificate()
      const port = await useStunnel({ port: gearmand.port, cert, key, clientCa: known.cert })
      const address = { host: 'localhost', port }
      await using client = new GearmanClient([address], { tls: { ca: cert, ...known } })
      await client.ready()
      const without = new GearmanClient([address], { tls: { ca: cert } })
      onTestFinished(() => without.shutdown())
      expect(await rejectionOf(without.ready())).toBeInstanceOf(ServerUnavailable)
    })

    test('with a certificate for another name is refused', async () => {
      const gearmand = await startGearmand()
      onTestFinished(() => gearmand.stop())
      const other = createCertificate({ hosts: ['elsewhere.example'] })
      const port = await useStunnel({ port: gearmand.port, ...other })
      await using client = new GearmanClient([{ host: 'localhost', port }], {
        tls: { ca: other.cert },
      })
      const error = await rejectionOf(client.ready())
      expect(error.cause).toMatchObject({ expectedName: 'localhost' })
    })
  },
)
