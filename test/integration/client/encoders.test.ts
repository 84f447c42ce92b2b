import { expect, test } from 'vitest'
import {
  DataEncoder,
  EncodingError,
  GearmanClient,
  InvalidArgumentError,
  JOB_FAILED,
  JobExceptionError,
  JSONDataEncoder,
  StringDataEncoder,
} from '../../../src/index.ts'
import { describeBackends, taskStatus } from '../../helpers/backends.ts'
import { newTask, rejectionOf, useClient, useWorker } from '../../helpers/fixtures.ts'
import { failOnLeaks } from '../../helpers/leaks.ts'
import type { TestJob } from '../../helpers/test-worker.ts'

const echo = ({ data }: TestJob): Buffer => data

/** Numbers as decimal text, twice as large on the way out. */
class DoublingEncoder extends DataEncoder<number> {
  encode(value: number): Uint8Array {
    return Buffer.from(String(value * 2))
  }

  decode(bytes: Buffer): number {
    return Number(bytes)
  }
}

class JSONClient extends GearmanClient {
  override dataEncoder = JSONDataEncoder
}

class StringClient extends GearmanClient {
  override dataEncoder = new StringDataEncoder()
}

describeBackends('encoders', (backend) => {
  failOnLeaks()

  test('the raw one is the default: bytes, text and nothing in, bytes out', async () => {
    const task = newTask()
    await useWorker(backend, { [task]: echo })
    const client = useClient(backend)
    expect(await client.do(task, Buffer.from([0, 255, 1]))).toEqual(Buffer.from([0, 255, 1]))
    expect(await client.do(task, new Uint8Array([7]))).toEqual(Buffer.from([7]))
    expect(await client.do(task, 'ü')).toEqual(Buffer.from('ü'))
    expect(await client.do(task, undefined)).toEqual(Buffer.alloc(0))
  })

  test.each([
    ['as a class', JSONDataEncoder],
    ['as an instance', new JSONDataEncoder()],
  ])('the option takes an encoder %s', async (_form, dataEncoder) => {
    const task = newTask()
    await useWorker(backend, {
      [task]: (job) => {
        job.send('WORK_DATA', '"part"')
        job.send('WORK_WARNING', '{"level":2}')
        return job.data
      },
    })
    const client = useClient(backend, { dataEncoder })
    const request = await client.submitJob(task, { list: [1, null] } as never)
    expect(request.result).toEqual({ list: [1, null] })
    expect(request.dataUpdates).toEqual(['part'])
    expect(request.warningUpdates).toEqual([{ level: 2 }])
  })

  test.each([
    ['a class', JSONClient, { a: 1 }],
    ['an instance', StringClient, 'ü'],
  ])('the property dataEncoder of a subclass may be %s', async (_form, Client, data) => {
    const task = newTask()
    await useWorker(backend, { [task]: echo })
    await using client = new Client(backend.address)
    expect(await client.do(task, data as never)).toEqual(data)
  })

  test('go task first, then option, then property', async () => {
    const [own, optional] = [newTask(), newTask()]
    await useWorker(backend, { [own]: echo, [optional]: echo })
    await using client = new JSONClient(backend.address, {
      dataEncoder: StringDataEncoder,
      taskEncoders: { [own]: new DoublingEncoder() },
    })
    expect(await client.do(own, 21 as never)).toBe(42)
    expect(await client.do(optional, '"text"')).toBe('"text"')
  })

  test('decode exceptions too', async () => {
    const task = newTask()
    const thrown = { name: 'TypeError', message: 'too bad', code: 'E_BAD' }
    await useWorker(backend, {
      [task]: (job) => void job.send('WORK_EXCEPTION', JSON.stringify(thrown)),
    })
    const client = useClient(backend, { dataEncoder: JSONDataEncoder })
    const error = await rejectionOf(client.do(task, 'x'))
    expect(error).toBeInstanceOf(JobExceptionError)
    expect(error).toMatchObject({ exception: thrown })
    expect(error.message).toContain('too bad')
  })

  test('that refuse one job of a batch keep all of it from being sent', async () => {
    const task = newTask()
    const client = useClient(backend)
    const jobs = [
      { task, data: 'good' },
      { task, data: 42 as unknown as string },
    ]
    const error = await rejectionOf(client.submitMultipleJobs(jobs, { background: true }))
    expect(error).toBeInstanceOf(EncodingError)
    expect((await taskStatus(backend, task)).jobs).toBe(0)
  })

  test('that cannot read an update fail its request, and no other', async () => {
    const [bad, good] = [newTask(), newTask()]
    const worker = await useWorker(backend, {
      [bad]: (job) => {
        job.send('WORK_DATA', '{broken')
        return '"end"'
      },
      [good]: () => '"fine"',
    })
    const client = useClient(backend, { dataEncoder: JSONDataEncoder })
    const requests = await client.submitMultipleJobs([
      { task: bad, data: 1 },
      { task: good, data: 2 },
    ])
    expect(requests.map(({ state }) => state)).toEqual([JOB_FAILED, 'COMPLETE'])
    expect(requests[0]?.error).toBeInstanceOf(EncodingError)
    expect(requests[1]?.result).toBe('fine')
    await worker.sync()
    expect(worker.errors).toEqual([])
  })

  test.each([
    ['no encoder at all', { dataEncoder: {} }],
    ['text', { dataEncoder: 'json' }],
    ['a task encoder that is none', { taskEncoders: { t: 1 } }],
    ['task encoders that are no object', { taskEncoders: 'json' }],
  ])('are refused by the constructor: %s', (_what, options) => {
    expect(() => new GearmanClient(backend.address, options as never)).toThrow(InvalidArgumentError)
  })
})
