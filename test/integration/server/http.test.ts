import { describe, expect, onTestFinished, test } from 'vitest'
import type { QueueChanges } from '../../../src/server/index.ts'
import { until } from '../../helpers/fixtures.ts'
import { failOnLeaks } from '../../helpers/leaks.ts'
import { MemoryStore } from '../../helpers/memory-store.ts'
import { RawPeer } from '../../helpers/raw-peer.ts'
import type { TestTask } from '../../helpers/test-worker.ts'
import { type HttpSetup, summary, useHttpServer, useSocket } from './http-fixture.ts'

failOnLeaks()

const TASKS: Readonly<Record<string, TestTask>> = {
  echo: ({ data }) => data,
  unique: ({ unique }) => unique,
  fail: (job) => void job.send('WORK_FAIL'),
  throw: (job) => void job.send('WORK_EXCEPTION', 'boom'),
  stream: (job) => {
    job.send('WORK_DATA', 'one,')
    job.send('WORK_STATUS', '1', '2')
    job.send('WORK_WARNING', 'careful')
    job.send('WORK_DATA', 'two,')
    return 'three'
  },
  break: (job) => {
    job.send('WORK_DATA', 'one,')
    job.send('WORK_FAIL')
    return undefined
  },
  report: (job) => {
    job.send('WORK_STATUS', '1', '2')
    job.send('WORK_WARNING', 'careful')
    return 'done'
  },
}

async function useTasks(compat: boolean): Promise<HttpSetup> {
  const setup = await useHttpServer({ http: { compat } })
  await setup.worker(TASKS)
  return setup
}

describe.each([
  { mode: 'as gearmand answers', compat: true },
  { mode: 'with codes that tell', compat: false },
])('a job over HTTP, $mode', ({ compat }) => {
  const code = (own: number): number => (compat ? 200 : own)

  test.each(['POST', 'PUT'])('%s brings data and gets the result', async (method) => {
    const { ask } = await useTasks(compat)
    const reply = await ask({ method, path: '/echo', body: 'some data' })
    expect(summary(reply)).toBe('200 WORK_COMPLETE H:t:1 "some data"')
    expect(reply.headers).toMatchObject({ 'content-length': '9' })
    expect(reply.headers['server']).toMatch(/^Gearman\/1\.1\.20 gearman-sdk\/\d/)
    expect(reply.headers['content-type']).toBe(compat ? undefined : 'application/octet-stream')
  })

  test('GET has no data', async () => {
    const { ask } = await useTasks(compat)
    const headers = { 'Content-Length': '10' }
    const reply = await ask({ method: 'GET', path: '/echo', headers, body: 'overlooked' })
    expect(summary(reply)).toBe('200 WORK_COMPLETE H:t:1 ""')
  })

  test('HEAD gets the headers of the result', async () => {
    const { ask } = await useTasks(compat)
    const reply = await ask({ method: 'HEAD', path: '/stream' })
    expect(summary(reply)).toBe('200 WORK_COMPLETE H:t:1 ""')
    expect(reply.headers['content-length']).toBe('5')
  })

  test('in the background gets its handle at once', async () => {
    const { ask, say } = await useTasks(compat)
    const headers = { 'X-Gearman-Background': 'true', 'X-Gearman-Priority': 'high' }
    const reply = await ask({ path: '/later', headers })
    expect(summary(reply)).toBe(`${code(202)} JOB_CREATED H:t:1 ""`)
    expect(await say('prioritystatus')).toContain('later\t1\t0\t0\t0\n')
  })

  test('has its unique id from a header', async () => {
    const { ask } = await useTasks(compat)
    const named = await ask({ path: '/unique', headers: { 'X-Gearman-Unique': 'u-1' } })
    expect(named.body).toBe('u-1')
    expect((await ask({ path: '/unique' })).body).toBe('-')
  })

  test('that fails', async () => {
    const { ask } = await useTasks(compat)
    expect(summary(await ask({ path: '/fail' }))).toBe(`${code(500)} WORK_FAIL H:t:1 ""`)
  })

  test('that throws', async () => {
    const { ask } = await useTasks(compat)
    expect(summary(await ask({ path: '/throw' }))).toBe(
      compat ? '200 WORK_FAIL H:t:1 ""' : '500 WORK_EXCEPTION H:t:1 "boom"',
    )
  })

  test('sends its data as they come, and the result behind them', async () => {
    const { ask } = await useTasks(compat)
    const reply = await ask({ path: '/stream' })
    expect(summary(reply)).toBe('200 WORK_DATA H:t:1 "one,two,three"')
    expect(reply.headers['transfer-encoding']).toBe('chunked')
    expect(reply.trailers).toEqual({ 'x-gearman-command': 'WORK_COMPLETE' })
    expect(reply.isWhole).toBe(true)
  })

  test('that fails behind its first data: the answer breaks off, or ends as in gearmand', async () => {
    const { ask } = await useTasks(compat)
    const reply = await ask({ path: '/break' })
    expect(summary(reply)).toBe('200 WORK_DATA H:t:1 "one,"')
    expect(reply.isWhole).toBe(compat)
    if (compat) expect(reply.trailers).toEqual({ 'x-gearman-command': 'WORK_FAIL' })
  })

  test('status and warnings do no harm', async () => {
    const { ask } = await useTasks(compat)
    expect(summary(await ask({ path: '/report' }))).toBe('200 WORK_COMPLETE H:t:1 "done"')
  })

  test('that is cancelled', async () => {
    const { ask, say, server } = await useTasks(compat)
    const said = new Promise<string[]>((resolve) => {
      server.once('jobAccepted', ({ handle }) => resolve(say(`cancel job ${handle}`)))
    })
    expect(summary(await ask({ path: '/nobody' }))).toBe(`${code(500)} WORK_FAIL H:t:1 ""`)
    // The answer may come after that of HTTP: nobody is to be cut off in the middle of it.
    expect(await said).toEqual(['OK\r\n'])
  })

  test('for a full queue', async () => {
    const { ask, say } = await useTasks(compat)
    await say('create function full')
    await say('maxqueue full 1')
    await ask({ path: '/full', headers: { 'X-Gearman-Background': 'true' } })
    expect(summary(await ask({ path: '/full', body: 'one more' }))).toBe(
      compat ? '200 ERROR QUEUE_ERROR ""' : '503 ERROR - "Job queue is full\\n"',
    )
  })

  test('with a unique id that is too long', async () => {
    const { ask } = await useTasks(compat)
    const headers = { 'X-Gearman-Unique': 'u'.repeat(65) }
    expect(summary(await ask({ path: '/echo', headers }))).toBe(
      compat ? '200 ERROR ARGUMENT_TOO_LARGE ""' : '400 ERROR - "Unique value too large\\n"',
    )
  })

  test('without a function', async () => {
    const { ask } = await useTasks(compat)
    const reply = await ask({ method: 'GET', path: '/' })
    expect(summary(reply)).toBe('404 - - "the path names no function\\n"')
    const head = await ask({ method: 'HEAD', path: '/' })
    expect(head.status).toBe(compat ? 200 : 404)
  })

  test.each(['DELETE', 'TRACE', 'OPTIONS'])('with the method %s', async (method) => {
    const { ask } = await useTasks(compat)
    const reply = await ask({ method, path: '/echo' })
    expect(reply.status).toBe(405)
    expect(reply.headers.allow).toBe('GET, HEAD, POST, PUT')
  })
})

class FullStore extends MemoryStore {
  override async commit({ added }: QueueChanges): Promise<void> {
    if (added.length > 0) throw new Error('disk full')
  }
}

describe('jobs over HTTP', () => {
  test('are in the store when the answer says that they are accepted', async () => {
    const store = new MemoryStore()
    const { ask } = await useHttpServer({ store, http: { compat: false } })
    const headers = { 'X-Gearman-Background': 'true' }
    expect(summary(await ask({ path: '/later', headers }))).toBe('202 JOB_CREATED H:t:1 ""')
    expect([...store.disk.jobs.values()]).toMatchObject([{ functionName: 'later' }])
  })

  test.each([
    { compat: true, answer: '200 ERROR QUEUE_ERROR ""' },
    { compat: false, answer: '503 ERROR - "QUEUE_ERROR\\n"' },
  ])('that a store refuses are told so, with compat $compat', async ({ compat, answer }) => {
    const { ask, server } = await useHttpServer({ store: new FullStore(), http: { compat } })
    server.on('error', () => undefined) // the store tells of it too
    const headers = { 'X-Gearman-Background': 'true' }
    expect(summary(await ask({ path: '/later', headers }))).toBe(answer)
  })

  test('the option exceptions tells them in the way of gearmand too', async () => {
    const { ask, worker } = await useHttpServer({ exceptions: true })
    await worker(TASKS)
    expect(summary(await ask({ path: '/throw' }))).toBe('200 WORK_EXCEPTION H:t:1 "boom"')
  })

  test('equal requests become one job, also with one that came as a packet', async () => {
    const { ask, port, worker } = await useHttpServer()
    const peer = await RawPeer.connect(port)
    onTestFinished(() => peer.destroy())
    const headers = { 'X-Gearman-Unique': 'u' }
    const replies = [1, 2].map(() => ask({ path: '/same', headers, body: 'data' }))
    peer.send('SUBMIT_JOB', 'same', 'u', 'data')
    expect(await peer.expect('JOB_CREATED')).toEqual(['H:t:1'])
    await until(async () => {
      peer.send('GET_STATUS_UNIQUE', 'u')
      return (await peer.expect('STATUS_RES_UNIQUE')).at(-1) === '3'
    })
    const { jobs } = await worker({ same: ({ data }) => `${data}!` })
    for (const reply of await Promise.all(replies)) expect(reply.body).toBe('data!')
    expect(await peer.expect('WORK_COMPLETE')).toEqual(['H:t:1', 'data!'])
    expect(jobs).toHaveLength(1)
  })

  test('any bytes go in and come out', async () => {
    const { ask, worker } = await useHttpServer()
    await worker({ 'ü b/c': ({ data }) => data })
    const bytes = String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte))
    const utf8 = Buffer.from(bytes, 'latin1').toString('utf8')
    const reply = await ask({ path: '/%C3%BC%20b%2Fc', body: utf8 })
    expect(Buffer.from(reply.body, 'latin1').toString('utf8')).toBe(utf8)
  })

  test('their connections are listed, and told as events', async () => {
    const { server, httpPort, say } = await useHttpServer()
    const opened = new Promise<object>((resolve) => server.once('connectionOpened', resolve))
    const socket = await useSocket(httpPort)
    const peer = await opened
    expect(peer).toEqual({ id: 1, address: '127.0.0.1' })
    expect(await say('workers')).toContain('1 127.0.0.1 - :\n')
    const closed = new Promise<object>((resolve) => {
      server.on('connectionClosed', (event) => {
        if (event.id === 1) resolve(event)
      })
    })
    socket.destroy()
    expect(await closed).toEqual({ ...peer, error: undefined })
  })
})
