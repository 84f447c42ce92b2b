/** The same requests to gearmand's HTTP plugin and to ours: equal answers, and the intended differences. */
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { GearmanServer } from '../../../src/server/index.ts'
import {
  describeWithGearmand,
  findFreePort,
  type Gearmand,
  startGearmand,
} from '../../helpers/gearmand.ts'
import { RawPeer } from '../../helpers/raw-peer.ts'
import { type TestTask, TestWorker } from '../../helpers/test-worker.ts'
import { readToEnd, useSocket } from './http-fixture.ts'

interface Ports {
  readonly port: number
  readonly httpPort: number
}

const TASKS: Readonly<Record<string, TestTask>> = {
  echo: ({ unique, data }) => `${unique} ${data}`,
  'a/b': ({ task }) => task,
  'f?x=1&y=%zz': ({ task }) => task,
  'a%20b': ({ task }) => task,
  'a b': ({ task }) => task,
  fail: (job) => void job.send('WORK_FAIL'),
  throw: (job) => void job.send('WORK_EXCEPTION', 'boom'),
  data: (job) => {
    job.send('WORK_DATA', 'part')
    return 'result'
  },
  status: (job) => {
    job.send('WORK_STATUS', '1', '2')
    return 'result'
  },
  warning: (job) => {
    job.send('WORK_WARNING', 'careful')
    return 'result'
  },
}

/** Sends one request as it stands, closed by either side, and gives what counts of its answer. */
async function play({ port, httpPort }: Ports, request: string): Promise<string> {
  const worker = await TestWorker.connect(port, TASKS)
  onTestFinished(() => worker.close())
  const socket = await useSocket(httpPort)
  const text = readToEnd(socket)
  socket.write(request)
  const answer = await text
  if (answer === '') return 'closed'
  const [head = '', ...rest] = answer.split('\r\n\r\n')
  const status = /^HTTP\/1\.[01] (\d+)/.exec(head)?.[1] ?? 'no HTTP'
  const handle = headerOf(head, 'X-Gearman-Job-Handle').replace(/^H:.+:\d+$/, 'H:N')
  const body = rest.join('\r\n\r\n')
  const isChunked = headerOf(head, 'Transfer-Encoding') === 'chunked'
  const data = isChunked ? joinChunks(body) : body
  return [status, headerOf(head, 'X-Gearman-Command'), handle, data].join(' ')
}

/** What the chunks hold: how many there are is up to Node. Trailers are left out. */
function joinChunks(body: string): string {
  const end = body.indexOf('\r\n')
  const size = Number.parseInt(body.slice(0, end), 16)
  if (!(size > 0)) return ''
  const start = end + 2
  return body.slice(start, start + size) + joinChunks(body.slice(start + size + 2))
}

function headerOf(head: string, name: string): string {
  return new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1]?.trim() ?? '-'
}

/** A request that wants its connection closed: gearmand always does so. */
function post(path: string, headers: readonly string[] = [], data = 'data'): string {
  const lines = [`POST ${path} HTTP/1.1`, 'Host: x', 'Connection: close', ...headers]
  return [...lines, `Content-Length: ${data.length}`, '', data].join('\r\n')
}

function without(method: string, path: string): string {
  return `${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`
}

async function fill({ port }: Ports): Promise<void> {
  const peer = await RawPeer.connect(port)
  peer.send('SUBMIT_JOB_BG', 'full', '', '1')
  await peer.expect('JOB_CREATED')
  expect(await peer.command('maxqueue full 1')).toEqual(['OK\r\n'])
  await peer.close()
}

describeWithGearmand('HTTP, as the plugin of gearmand answers', () => {
  let gearmand: Gearmand
  let server: GearmanServer
  let theirs: Ports
  let ours: Ports

  beforeAll(async () => {
    const httpPort = await findFreePort()
    gearmand = await startGearmand({ args: ['--protocol=http', `--http-port=${httpPort}`] })
    theirs = { port: gearmand.port, httpPort }
    server = new GearmanServer({ port: 0, http: { port: 0 } })
    ours = { port: (await server.listen()).port, httpPort: server.httpAddress?.port ?? 0 }
    await fill(theirs)
    await fill(ours)
  })
  afterAll(async () => {
    await gearmand.stop()
    await server.close()
  })

  describe('the same', () => {
    test.each([
      ['POST', post('/echo'), '200 WORK_COMPLETE H:N - data'],
      ['PUT', post('/echo').replace('POST', 'PUT'), '200 WORK_COMPLETE H:N - data'],
      ['GET', without('GET', '/echo'), '200 WORK_COMPLETE H:N - '],
      ['no host', 'GET /echo HTTP/1.1\r\nConnection: close\r\n\r\n', '200 WORK_COMPLETE H:N - '],
      ['HTTP/1.0', 'GET /echo HTTP/1.0\r\n\r\n', '200 WORK_COMPLETE H:N - '],
      ['several slashes', post('//echo'), '200 WORK_COMPLETE H:N - data'],
      ['a path of several words', post('/a/b'), '200 WORK_COMPLETE H:N a/b'],
      ['a query', post('/f?x=1&y=%zz'), '200 WORK_COMPLETE H:N f?x=1&y=%zz'],
      ['no function', post('/'), '404 - - '],
      ['a unique id', post('/echo', ['X-Gearman-Unique: u']), '200 WORK_COMPLETE H:N u data'],
      ['an empty id', post('/echo', ['X-Gearman-Unique: ']), '200 WORK_COMPLETE H:N - data'],
      [
        'a unique id that is too long',
        post('/echo', [`X-Gearman-Unique: ${'u'.repeat(65)}`]),
        '200 ERROR ARGUMENT_TOO_LARGE ',
      ],
      ['in the background', post('/later', ['X-Gearman-Background: true']), '200 JOB_CREATED H:N '],
      ['in capitals', post('/later', ['X-Gearman-Background: TRUE']), '200 JOB_CREATED H:N '],
      ['no background', post('/echo', ['X-Gearman-Background: 1']), '200 WORK_COMPLETE H:N - data'],
      ['any priority', post('/echo', ['X-Gearman-Priority: x']), '200 WORK_COMPLETE H:N - data'],
      ['an exception', post('/throw'), '200 WORK_FAIL H:N '],
      ['a full queue', post('/full'), '200 ERROR QUEUE_ERROR '],
    ])('%s', async (_name, request, answer) => {
      const their = await play(theirs, request)
      // Only the text of ours behind the code is more.
      const our = (await play(ours, request)).replace(/^(404 - - ).*/s, '$1')
      expect({ their, our }).toEqual({ their: answer, our: answer })
    })

    test('the numbers of priorities', async () => {
      for (const ports of [theirs, ours]) {
        for (const priority of ['high', 'HIGH', 'low', 'none']) {
          const headers = ['X-Gearman-Background: true', `X-Gearman-Priority: ${priority}`]
          await play(ports, post('/queue', headers, priority))
        }
        const peer = await RawPeer.connect(ports.port)
        expect(await peer.command('prioritystatus')).toContain('queue\t2\t1\t1\t0\n')
        await peer.close()
      }
    })

    test('a row for each connection in workers', async () => {
      for (const ports of [theirs, ours]) {
        const peer = await RawPeer.connect(ports.port)
        // Those of the tests before are gone, and a connection is there a moment before it is accepted.
        while ((await peer.command('workers')).length !== 1);
        await useSocket(ports.httpPort)
        let rows: string[] = []
        while (rows.length !== 2) rows = await peer.command('workers')
        for (const row of rows) expect(row).toMatch(/^\S+ 127\.0\.0\.1 - :\n$/)
        await peer.close()
      }
    })
  })

  describe('on purpose another', () => {
    test.each([
      // The handle loses its last character there.
      ['the handle of a failed job', post('/fail'), /^200 WORK_FAIL H:/, '200 WORK_FAIL H:N '],
      ['data', post('/data'), /^no HTTP/, '200 WORK_DATA H:N partresult'],
      ['a status', post('/status'), /^200 WORK_STATUS H:N /, '200 WORK_COMPLETE H:N result'],
      ['a warning', post('/warning'), /^200 WORK_WARNING H:N /, '200 WORK_COMPLETE H:N result'],
      ['HEAD', without('HEAD', '/echo'), /^200 - H:N /, '200 WORK_COMPLETE H:N '],
      ['an encoded path', post('/a%20b'), /a%20b$/, '200 WORK_COMPLETE H:N a b'],
      [
        'a body in chunks',
        'POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ndata\r\n0\r\n\r\n',
        /^closed$/,
        '200 WORK_COMPLETE H:N - data',
      ],
      ['another method', without('DELETE', '/echo'), /^closed$/, '405 - - '],
      ['another version', 'GET /echo HTTP/2.0\r\n\r\n', /^closed$/, '505 - - '],
      ['no HTTP at all', 'echo\r\n\r\n', /^closed$/, '400 - - '],
    ])('%s', async (_name, request, theirAnswer, ourAnswer) => {
      expect(await play(theirs, request)).toMatch(theirAnswer)
      expect(await play(ours, request)).toContain(ourAnswer)
    })

    test('a job whose client leaves: here it is dropped at once', async () => {
      const counts: number[] = []
      for (const ports of [theirs, ours]) {
        const peer = await RawPeer.connect(ports.port)
        while ((await peer.command('workers')).length !== 1);
        const socket = await useSocket(ports.httpPort)
        socket.write(without('GET', '/nobody'))
        const isListed = async (): Promise<number> =>
          (await peer.command('status')).filter((row) => row.startsWith('nobody\t1')).length
        while ((await isListed()) === 0);
        const rows = (await peer.command('workers')).length
        socket.destroy()
        await once(socket, 'close')
        while ((await peer.command('workers')).length === rows);
        counts.push(await isListed())
        await peer.close()
      }
      expect(counts).toEqual([1, 0])
    })
  })
})
