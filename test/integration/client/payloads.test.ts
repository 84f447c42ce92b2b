import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import {
  EncodingError,
  InvalidArgumentError,
  JOB_COMPLETE,
  JOB_FAILED,
  JSONDataEncoder,
  RawDataEncoder,
  StringDataEncoder,
} from '../../../src/index.ts'
import { describeBackends } from '../../helpers/backends.ts'
import { newTask, rejectionOf, useClient, useWorker } from '../../helpers/fixtures.ts'
import { failOnLeaks } from '../../helpers/leaks.ts'
import { useTcpProxy } from '../../helpers/tcp-proxy.ts'
import type { TestJob } from '../../helpers/test-worker.ts'

const echo = ({ data }: TestJob): Buffer => data
const MIB = 1024 * 1024

describeBackends('payloads', (backend) => {
  failOnLeaks()

  test('of all 256 byte values come back unchanged', async () => {
    const task = newTask()
    await useWorker(backend, { [task]: echo })
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, value) => value))
    expect(await useClient(backend).do(task, bytes)).toEqual(bytes)
  })

  test.each([
    ['raw', RawDataEncoder, Buffer.from('ü\0\n'), Buffer.from('ü\0\n')],
    ['string', StringDataEncoder, 'ü\0\n\u{1f600}', 'ü\0\n\u{1f600}'],
    ['JSON', JSONDataEncoder, { ü: ['\0', null, 1.5] }, { ü: ['\0', null, 1.5] }],
  ])(
    'of text beyond ASCII and with NULs come back unchanged: %s',
    async (_name, dataEncoder, data, result) => {
      const task = newTask()
      await useWorker(backend, { [task]: echo })
      const client = useClient(backend, { dataEncoder })
      expect(await client.do(task, data as never)).toEqual(result)
    },
  )

  test('that are empty arrive empty, both ways', async () => {
    const task = newTask()
    const worker = await useWorker(backend, { [task]: echo })
    const client = useClient(backend)
    expect(await client.do(task, '')).toEqual(Buffer.alloc(0))
    expect(await client.do(task, undefined)).toEqual(Buffer.alloc(0))
    expect(worker.jobs.map(({ data }) => data.length)).toEqual([0, 0])
  })

  test('of every size around the limits of blocks and buffers come back unchanged', async () => {
    const task = newTask()
    await useWorker(backend, { [task]: echo })
    const client = useClient(backend)
    const sizes = [1, 2047, 2048, 8191, 8192, 8193, 65_480, 65_510, 65_535, 65_536, 65_537, MIB]
    const sent = sizes.map((size) => randomBytes(size))
    const results = await Promise.all(sent.map((data) => client.do(task, data)))
    for (const [index, result] of results.entries()) {
      expect(result.equals(sent[index] ?? Buffer.alloc(0))).toBe(true)
    }
  })

  test('of 64 MiB come back unchanged', async () => {
    const task = newTask()
    await useWorker(backend, { [task]: echo })
    const data = Buffer.alloc(64 * MIB, randomBytes(MIB))
    const result = await useClient(backend).do(task, data)
    expect(result.equals(data)).toBe(true)
  })

  test('just under the limit of the client are taken, just over it fail their job only', async () => {
    const task = newTask()
    const maxPacketBytes = 100_000
    await useWorker(backend, {
      [task]: ({ handle, data }) => Buffer.alloc(maxPacketBytes - handle.length - 1 + Number(data)),
    })
    const client = useClient(backend, { maxPacketBytes })
    const requests = await client.submitMultipleJobs([
      { task, data: '0' },
      { task, data: '1' },
      { task, data: '-1' },
    ])
    expect(requests.map(({ state }) => state)).toEqual([JOB_COMPLETE, JOB_FAILED, JOB_COMPLETE])
    expect(requests[1]?.error).toBeInstanceOf(EncodingError)
    expect(requests[1]).toMatchObject({ complete: true, delivery: 'accepted' })
    expect(client.connectionList.map(({ state }) => state)).toEqual(['ready'])
    expect(await rejectionOf(client.do(task, '1'))).toBeInstanceOf(EncodingError)
  })

  test('over the limit as data of a running job fail it; its result is dropped', async () => {
    const task = newTask()
    await useWorker(backend, {
      [task]: (job) => {
        job.send('WORK_DATA', Buffer.alloc(200_000))
        return 'end'
      },
    })
    const client = useClient(backend, { maxPacketBytes: 100_000 })
    const [request] = await client.submitMultipleJobs([{ task, data: 'x' }])
    expect(request).toMatchObject({ state: JOB_FAILED, result: undefined })
    expect(request?.error).toBeInstanceOf(EncodingError)
  })

  test('of tasks with UTF-8 names and spaces', async () => {
    const task = `größe 数 ${newTask()}`
    await useWorker(backend, { [task]: echo })
    expect(String(await useClient(backend).do(task, 'x'))).toBe('x')
  })

  test('of a task of 512 bytes, the longest there is', async () => {
    const task = `${'ü'.repeat(246)}${newTask()}`.padEnd(266, '.')
    expect(Buffer.byteLength(task)).toBe(512)
    await useWorker(backend, { [task]: echo })
    expect(String(await useClient(backend).do(task, 'x'))).toBe('x')
    const error = await rejectionOf(useClient(backend).do(`${task}.`, 'x'))
    expect(error).toBeInstanceOf(InvalidArgumentError)
  })

  test.each([1, 5, 11, 12, 13])(
    'in pieces of %i bytes over two connections at once are not mixed up',
    async (splitBytes) => {
      const task = newTask()
      await useWorker(backend, {
        [task]: (job) => {
          job.send('WORK_DATA', job.data)
          job.send('WORK_STATUS', '1', '2')
          job.send('WORK_WARNING', job.data)
          return job.data
        },
      })
      const proxy = await useTcpProxy({ port: backend.port })
      proxy.split(splitBytes)
      const clients = [useClient(proxy.address), useClient(proxy.address)]
      const payloads = ['one', '\0RES\0\0\0\x08', 'x'.repeat(40)].map((text) => Buffer.from(text))
      const requests = await Promise.all(
        clients.flatMap((client) => payloads.map((data) => client.submitJob(task, data))),
      )
      for (const request of requests) {
        expect(request).toMatchObject({
          state: JOB_COMPLETE,
          result: request.job.data,
          dataUpdates: [request.job.data],
          warningUpdates: [request.job.data],
          status: { numerator: 1, denominator: 2 },
        })
      }
      expect(proxy.connectionCount).toBe(2)
    },
  )
})
