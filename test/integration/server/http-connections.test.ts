import { once } from 'node:events'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ConnectionError } from '../../../src/errors.ts'
import { GearmanServer } from '../../../src/server/index.ts'
import { until } from '../../helpers/fixtures.ts'
import { failOnLeaks } from '../../helpers/leaks.ts'
import { RawPeer } from '../../helpers/raw-peer.ts'
import {
  type HttpReply,
  open,
  read,
  readToEnd,
  summary,
  useAgent,
  useHttpServer,
  useSocket,
} from './http-fixture.ts'

failOnLeaks()

/** The next job event of that name. */
function next(server: GearmanServer, name: 'jobAccepted' | 'jobDropped'): Promise<unknown> {
  return new Promise((resolve) => server.once(name, resolve))
}

describe('a connection', () => {
  test('is kept for the next request, whatever became of the last one', async () => {
    const { server, ask, worker } = await useHttpServer({ http: { compat: false } })
    await worker({ echo: ({ data }) => data })
    const before = server.stats().connections.total
    const agent = useAgent(1)
    const statuses: (number | undefined)[] = []
    for (const path of ['/echo', '/', '/%zz', '/echo']) {
      statuses.push((await ask({ path, body: 'x'.repeat(100_000), agent })).status)
    }
    expect(statuses).toEqual([200, 404, 400, 200])
    expect(server.stats().connections.total - before).toBe(1)
  })

  test('takes requests before the last one is answered, and answers in their order', async () => {
    const { httpPort, worker } = await useHttpServer()
    const { nextJob } = await worker({ later: () => undefined }).then((made) => ({
      nextJob: () => made.nextJob(),
    }))
    const socket = await useSocket(httpPort)
    const text = readToEnd(socket)
    socket.write('GET /later HTTP/1.1\r\nHost: x\r\nX-Gearman-Unique: 1\r\n\r\n')
    socket.write(
      'GET /later HTTP/1.1\r\nHost: x\r\nX-Gearman-Unique: 2\r\nConnection: close\r\n\r\n',
    )
    const [first, second] = [await nextJob(), await nextJob()]
    second.send('WORK_COMPLETE', 'second')
    first.send('WORK_COMPLETE', 'first')
    expect(await text).toMatch(
      /H:t:1\r\n[\s\S]*\r\n\r\nfirstHTTP[\s\S]*H:t:2\r\n[\s\S]*\r\n\r\nsecond$/,
    )
  })

  test('of HTTP/1.0 is closed behind the answer', async () => {
    const { httpPort, worker } = await useHttpServer()
    await worker({
      stream: (job) => {
        job.send('WORK_DATA', 'one,')
        return 'two'
      },
    })
    const socket = await useSocket(httpPort)
    socket.write('POST /stream HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi')
    const text = await readToEnd(socket)
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(text).toMatch(/\r\n\r\none,two$/)
    expect(text).not.toMatch(/chunked|Trailer/)
  })

  test('with what is no HTTP is told so', async () => {
    const { httpPort } = await useHttpServer()
    for (const garbage of ['blah\r\n\r\n', '\0REQ\0\0\0\x10\0\0\0\0', 'GET /f HTTP/9.9\r\n\r\n']) {
      const socket = await useSocket(httpPort)
      socket.write(garbage)
      expect(await readToEnd(socket)).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
    }
  })

  test('with a head that is too large is told so', async () => {
    const { httpPort } = await useHttpServer()
    const socket = await useSocket(httpPort)
    socket.write(`GET /f HTTP/1.1\r\nX-Filler: ${'x'.repeat(20_000)}\r\n\r\n`)
    expect(await readToEnd(socket)).toMatch(/^HTTP\/1\.1 431 /)
  })

  test('over the limit is closed, and told as an event', async () => {
    const { server, httpPort } = await useHttpServer({ maxConnections: 1 })
    const refused = new Promise<object>((resolve) => server.once('connectionRefused', resolve))
    await useSocket(httpPort)
    const second = await useSocket(httpPort)
    expect(await readToEnd(second)).toBe('')
    expect(await refused).toEqual({ address: '127.0.0.1' })
  })
})

describe('a body', () => {
  test('comes in chunks, of any size', async () => {
    const { ask, worker } = await useHttpServer()
    await worker({ echo: ({ data }) => data })
    const body = ['a', 'b'.repeat(100_000), 'c'.repeat(3000), 'd']
    expect((await ask({ path: '/echo', body })).body).toBe(body.join(''))
  })

  test('of some megabytes goes both ways whole', async () => {
    const { ask, worker } = await useHttpServer()
    await worker({ echo: ({ data }) => data })
    const body = Array.from({ length: 500_000 }, (_, index) => `${index},`).join('')
    const reply = await ask({ path: '/echo', body })
    expect(reply.body === body).toBe(true)
  })

  test('is waited for by clients that ask first', async () => {
    const { ask, httpPort, worker } = await useHttpServer()
    await worker({ echo: ({ data }) => data })
    const socket = await useSocket(httpPort)
    socket.write(
      'POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n',
    )
    const [go] = (await once(socket, 'data')) as [Buffer]
    expect(go.toString()).toBe('HTTP/1.1 100 Continue\r\n\r\n')
    const text = readToEnd(socket)
    socket.write('hi')
    expect(await text).toMatch(/\r\n\r\nhi$/)
    const unknown = await ask({ path: '/echo', headers: { Expect: 'a miracle' } })
    expect(unknown.status).toBe(417)
  })

  test('that nobody wants is not asked for, and the connection ends', async () => {
    const { httpPort } = await useHttpServer({ maxPacketBytes: 1024 })
    for (const [path, length, status] of [
      ['/', 10, 404],
      ['/echo', 1025, 413],
    ]) {
      const socket = await useSocket(httpPort)
      socket.write(
        `PUT ${path} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`,
      )
      const text = await readToEnd(socket)
      expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
      expect(text).toMatch(/\r\nConnection: close\r\n/)
    }
  })

  test('over the limit is refused and dropped: announced, or in chunks', async () => {
    const { ask, worker } = await useHttpServer({ maxPacketBytes: 1024 })
    await worker({ echo: ({ data }) => data })
    const agent = useAgent(1)
    const announced = await ask({ path: '/echo', body: 'x'.repeat(1025), agent })
    expect(summary(announced)).toBe('413 - - "a body has 1024 bytes at most\\n"')
    const chunks = ['x'.repeat(1000), 'y'.repeat(1000), 'z'.repeat(1000)]
    expect((await ask({ path: '/echo', body: chunks, agent })).status).toBe(413)
    expect((await ask({ path: '/echo', body: 'x'.repeat(1024), agent })).status).toBe(200)
  })

  test('that stands still is closed', async () => {
    const { httpPort, server } = await useHttpServer({ stallTimeout: 100 })
    const socket = await useSocket(httpPort)
    socket.write('POST /f HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf')
    await readToEnd(socket)
    expect(server.stats().functions).toEqual([])
  })

  test('whose client leaves in the middle is no job', async () => {
    const { httpPort, server } = await useHttpServer()
    const socket = await useSocket(httpPort)
    const half = 'POST /f HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf'
    socket.write(half)
    await until(() => server.stats().traffic.received === half.length)
    socket.destroy()
    await until(() => server.stats().connections.open === 0)
    expect(server.stats().functions).toEqual([])
  })

  test('counts for the memory of all connections: the largest is cut off', async () => {
    const { httpPort, port } = await useHttpServer({ maxBufferedBytes: 1024 * 1024 })
    const small = await RawPeer.connect(port)
    onTestFinished(() => small.destroy())
    const socket = await useSocket(httpPort)
    socket.write('POST /f HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n')
    const closed = readToEnd(socket)
    for (let sent = 0; sent < 40 && !socket.destroyed; sent += 1) socket.write(Buffer.alloc(65_536))
    expect(await closed).toBe('')
    expect(await small.sync()).toEqual([])
  })
})

describe('a client', () => {
  test('that leaves drops its foreground job', async () => {
    const { server, httpPort } = await useHttpServer()
    const accepted = next(server, 'jobAccepted')
    const dropped = next(server, 'jobDropped')
    const asked = open(httpPort, { path: '/nobody' })
    asked.on('error', () => undefined) // it is we who close
    await accepted
    asked.destroy()
    expect(await dropped).toMatchObject({ functionName: 'nobody', reason: 'abandoned' })
  })

  test('that leaves takes all that it asked on one connection with it', async () => {
    const { httpPort, say } = await useHttpServer()
    const socket = await useSocket(httpPort)
    for (const unique of ['1', '2', '3']) {
      socket.write(`GET /nobody HTTP/1.1\r\nHost: x\r\nX-Gearman-Unique: ${unique}\r\n\r\n`)
    }
    await until(async () => (await say('show jobs')).length === 3)
    socket.destroy()
    await until(async () => (await say('show jobs')).length === 0)
  })

  test('that leaves keeps its background job', async () => {
    const { ask, say } = await useHttpServer()
    await ask({ path: '/later', headers: { 'X-Gearman-Background': 'true' } })
    expect(await say('status')).toEqual(['later\t1\t0\t0\n'])
  })

  test('that does not read is cut off, and its job goes on to nowhere', async () => {
    const { server, httpPort, worker } = await useHttpServer({ maxUnsentBytes: 1024 * 1024 })
    const talker = await worker({ talk: () => undefined })
    const socket = await useSocket(httpPort)
    socket.pause()
    socket.write('GET /talk HTTP/1.1\r\nHost: x\r\n\r\n')
    const job = await talker.nextJob()
    const chunk = Buffer.alloc(256 * 1024)
    while (server.stats().connections.open > 1) {
      job.send('WORK_DATA', chunk)
      await talker.sync()
    }
    job.send('WORK_COMPLETE', 'done')
    await talker.sync()
    expect(talker.errors).toEqual([])
  })
})

describe('starting and stopping', () => {
  test('without the option there is no port', async () => {
    const server = new GearmanServer({ port: 0 })
    onTestFinished(() => server.close())
    await server.listen()
    expect(server.httpAddress).toBeUndefined()
  })

  test('both ports are open, or none: then it may be tried again', async () => {
    const first = await useHttpServer()
    const server = new GearmanServer({ port: 0, http: { port: first.httpPort } })
    onTestFinished(() => server.close())
    await expect(server.listen()).rejects.toMatchObject({
      name: 'ConnectionError',
      server: `127.0.0.1:${first.httpPort}`,
      cause: { code: 'EADDRINUSE' },
    })
    expect(server.address).toBeUndefined()
    expect(server.httpAddress).toBeUndefined()
    await first.server.close()
    await server.listen()
    expect(server.httpAddress).toEqual({ host: '127.0.0.1', port: first.httpPort })
  })

  test('a Gearman port in use leaves the HTTP port closed', async () => {
    const { port } = await useHttpServer()
    const server = new GearmanServer({ port, http: { port: 0 } })
    await expect(server.listen()).rejects.toThrow(ConnectionError)
    expect(server.httpAddress).toBeUndefined()
    await server.close()
  })

  test('closing while it starts leaves nothing', async () => {
    const server = new GearmanServer({ port: 0, http: { port: 0 } })
    const listening = server.listen()
    const closing = server.close()
    await expect(listening).rejects.toThrow(ConnectionError)
    await closing
    expect(server.httpAddress).toBeUndefined()
  })

  test('close() cuts off who waits for a job', async () => {
    const { server, httpPort } = await useHttpServer()
    const accepted = next(server, 'jobAccepted')
    const failed = once(open(httpPort, { path: '/nobody' }), 'error')
    await accepted
    await server.close()
    expect(await failed).toMatchObject([{ code: 'ECONNRESET' }])
  })

  test('a graceful stop closes idle connections, ends what runs, and refuses the rest', async () => {
    const { server, httpPort, worker } = await useHttpServer({ http: { compat: false } })
    const slow = await worker({ slow: () => undefined })
    const idle = await useSocket(httpPort)
    const agent = useAgent(2)
    const running = read(open(httpPort, { path: '/slow', agent }))
    const half = await useSocket(httpPort)
    half.write(
      'POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n',
    )
    await once(half, 'data')
    const job = await slow.nextJob()
    const closed = server.close({ graceful: true })
    await readToEnd(idle)
    const refused = readToEnd(half)
    half.write('hi')
    expect(await refused).toMatch(/^HTTP\/1\.1 503 [\s\S]*Connection: close[\s\S]*shutting down\n$/)
    job.send('WORK_COMPLETE', 'done')
    const reply: HttpReply = await running
    expect(summary(reply)).toBe('200 WORK_COMPLETE H:t:1 "done"')
    expect(reply.headers.connection).toBe('close')
    await closed
  })

  test('a graceful stop ends an answer whose data are on their way', async () => {
    const { server, httpPort, worker } = await useHttpServer()
    const slow = await worker({ slow: () => undefined })
    const agent = useAgent(1)
    const asked = open(httpPort, { path: '/slow', agent })
    const job = await slow.nextJob()
    const started = once(asked, 'response')
    job.send('WORK_DATA', 'one,')
    const reply = started.then(async ([response]) => {
      let text = ''
      for await (const chunk of response.setEncoding('utf8')) text += String(chunk)
      return text
    })
    await started
    const closed = server.close({ graceful: true })
    job.send('WORK_COMPLETE', 'two')
    expect(await reply).toBe('one,two')
    await closed
  })
})
