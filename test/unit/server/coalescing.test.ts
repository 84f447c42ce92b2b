import { describe, expect, test } from 'vitest'
import { HandStore, TestServer, turn } from './server-harness.ts'

function submit(
  ...submissions: readonly (readonly [name: string, unique: string, data: string])[]
) {
  const client = new TestServer().connect()
  return submissions.map(([name, unique, data]) => {
    const [reply = ''] = client.play('SUBMIT_JOB_BG', name, unique, data)
    return Number(reply.split(':').at(-1))
  })
}

describe('submissions join a job', () => {
  test('of the same function and unique id, whatever their data', () => {
    expect(submit(['f', 'u', '1'], ['f', 'u', '2'], ['f', 'v', '1'], ['f', 'u', '3'])).toEqual([
      1, 1, 2, 1,
    ])
  })

  test('never of another function, nor without a unique id', () => {
    expect(submit(['f', 'u', '1'], ['g', 'u', '1'], ['f', '', '1'], ['f', '', '1'])).toEqual([
      1, 2, 3, 4,
    ])
  })

  test('of the same data, for the unique id -', () => {
    const long = 'x'.repeat(100_000)
    expect(
      submit(
        ['f', '-', 'a'],
        ['f', '-', 'a'],
        ['f', '-', 'b'],
        ['g', '-', 'a'],
        ['f', '-', long],
        ['f', '-', long],
        ['f', '-', `${long}y`],
        ['f', 'a', 'a'],
        ['f', '-', ''],
        ['f', '-', ''],
      ),
    ).toEqual([1, 1, 2, 3, 4, 4, 5, 6, 7, 8])
  })

  test('while it lives: one that ended is not joined', () => {
    const server = new TestServer()
    const client = server.connect()
    const worker = server.worker()
    client.play('SUBMIT_JOB_BG', 'f', 'u', '')
    worker.play('GRAB_JOB')
    expect(client.play('SUBMIT_JOB_BG', 'f', 'u', '')).toEqual(['JOB_CREATED H:test:1'])
    worker.play('WORK_FAIL', 'H:test:1')
    expect(client.play('SUBMIT_JOB_BG', 'f', 'u', '')).toEqual(['JOB_CREATED H:test:2'])
  })

  test('of the right function among many with one unique id, in whatever order they end', () => {
    const server = new TestServer()
    const client = server.connect()
    const names = ['a', 'b', 'c', 'd']
    for (const name of names) client.play('SUBMIT_JOB_BG', name, 'u', '')
    client.say('cancel job H:test:2')
    client.say('cancel job H:test:4')
    client.say('cancel job H:test:1')
    expect(client.play('SUBMIT_JOB_BG', 'c', 'u', '')).toEqual(['JOB_CREATED H:test:3'])
    expect(client.play('SUBMIT_JOB_BG', 'b', 'u', '')).toEqual(['JOB_CREATED H:test:5'])
    expect(client.play('GET_STATUS_UNIQUE', 'u')).toEqual(['STATUS_RES_UNIQUE u 1 0 0 0 0'])
  })

  test('whatever maxqueue says', () => {
    const server = new TestServer()
    const client = server.worker()
    client.say('maxqueue f 1')
    client.play('SUBMIT_JOB_BG', 'f', 'u', '')
    expect(client.play('SUBMIT_JOB', 'f', 'u', '')).toEqual(['JOB_CREATED H:test:1'])
    expect(client.play('SUBMIT_JOB', 'f', 'v', '')).toEqual(['ERROR QUEUE_ERROR Job queue is full'])
  })
})

test('what others send to a client stands behind its own held reply', async () => {
  const store = new HandStore()
  const server = new TestServer({ store })
  const client = server.connect()
  const worker = server.worker()
  client.play('SUBMIT_JOB', 'f', '', 'x')
  worker.play('GRAB_JOB')
  client.play('SUBMIT_JOB_BG', 'g', '', 'y')
  worker.play('WORK_DATA', 'H:test:1', 'part')
  worker.play('WORK_COMPLETE', 'H:test:1', 'r')
  expect(client.look()).toEqual([])
  await turn()
  await store.succeed()
  expect(client.look()).toEqual([
    'JOB_CREATED H:test:2',
    'WORK_DATA H:test:1 part',
    'WORK_COMPLETE H:test:1 r',
  ])
})
