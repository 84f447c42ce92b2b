import { describe, expect, test } from 'vitest'
import { HandStore, type TestPeer, TestServer, turn } from '../server-harness.ts'

interface Setup {
  readonly server: TestServer
  readonly store: HandStore
  readonly client: TestPeer
}

function setUp(options: { readonly jobRetries?: number } = {}): Setup {
  const store = new HandStore()
  const server = new TestServer({ ...options, store })
  return { server, store, client: server.connect() }
}

const CREATED = 'JOB_CREATED H:test:'
const REFUSED = 'ERROR QUEUE_ERROR QUEUE_ERROR'

describe('background jobs with a store', () => {
  test('all of one turn are one commit, in order, and answered after it', async () => {
    const { store, client, server } = setUp()
    const other = server.connect()
    for (const data of ['1', '2']) client.play('SUBMIT_JOB_BG', 'f', '', data)
    other.play('SUBMIT_JOB_HIGH_BG', 'g', 'u\xff', 'da\0ta')
    client.play('SUBMIT_JOB_EPOCH', 'f', '', '2000000000', '3')
    client.play('SUBMIT_REDUCE_JOB_BACKGROUND', 'f', '', 'reducer', '', '')
    expect(store.commits).toEqual([])
    await turn()
    expect(store.commits).toHaveLength(1)
    const job = {
      functionName: 'f',
      unique: '',
      reducer: '',
      priority: 1,
      retries: 0,
      acceptedAtMs: 1_000_000_000_000,
    }
    expect(store.commits[0]).toEqual({
      added: [
        { ...job, key: 1, data: Buffer.from('1'), runAtEpochSeconds: 0 },
        { ...job, key: 2, data: Buffer.from('2'), runAtEpochSeconds: 0 },
        {
          ...job,
          key: 3,
          functionName: 'g',
          unique: 'u\xff',
          priority: 0,
          data: Buffer.from('da\0ta'),
          runAtEpochSeconds: 0,
        },
        { ...job, key: 4, data: Buffer.from('3'), runAtEpochSeconds: 2_000_000_000 },
        { ...job, key: 5, reducer: 'reducer', data: Buffer.from(''), runAtEpochSeconds: 0 },
      ],
      updated: [],
      removed: [],
    })
    expect(client.look()).toEqual([])
    await store.succeed()
    expect(client.look()).toEqual([1, 2, 4, 5].map((number) => CREATED + number))
    expect(other.look()).toEqual([`${CREATED}3`])
  })

  test('nobody can grab a job before it is stored; its commit wakes workers', async () => {
    const { server, store, client } = setUp()
    const worker = server.worker()
    worker.play('PRE_SLEEP')
    client.play('SUBMIT_JOB_BG', 'f', 'u', 'x')
    expect(worker.look()).toEqual([])
    expect(worker.play('GRAB_JOB')).toEqual(['NO_JOB'])
    expect(worker.play('PRE_SLEEP')).toEqual([])
    await turn()
    await store.succeed()
    expect(worker.look()).toEqual(['NOOP'])
    expect(worker.play('GRAB_JOB')).toEqual(['JOB_ASSIGN H:test:1 f x'])
  })

  test('what comes while a commit is under way is the next one: one at a time', async () => {
    const { store, client } = setUp()
    client.play('SUBMIT_JOB_BG', 'f', '', '1')
    await turn()
    client.play('SUBMIT_JOB_BG', 'f', '', '2')
    await turn()
    client.play('SUBMIT_JOB_BG', 'f', '', '3')
    await turn()
    expect(store.commits).toHaveLength(1)
    await store.succeed()
    expect(store.commits).toHaveLength(2)
    expect(store.commits[1]?.added.map(({ key }) => key)).toEqual([2, 3])
    expect(client.look()).toEqual([`${CREATED}1`])
    await store.succeed()
    expect(client.look()).toEqual([`${CREATED}2`, `${CREATED}3`])
    await turn()
    expect(store.commits).toHaveLength(2)
  })

  test('replies of one connection keep the order of its requests, others do not wait', async () => {
    const { server, store, client } = setUp()
    const other = server.connect()
    client.play('ECHO_REQ', 'before')
    expect(client.look()).toEqual([])
    client.play('SUBMIT_JOB_BG', 'f', '', 'x')
    client.play('ECHO_REQ', 'between')
    client.play('SUBMIT_JOB', 'f', '', 'foreground')
    client.session.onLine(Buffer.from('verbose'))
    client.play('SUBMIT_JOB_BG', 'f', '', 'y')
    client.play('NOOP')
    expect(client.look()).toEqual([])
    expect(other.play('ECHO_REQ', 'hello')).toEqual(['ECHO_RES hello'])
    expect(other.play('SUBMIT_JOB', 'f', '', 'z')).toEqual([`${CREATED}4`])
    await turn()
    await store.succeed()
    expect(client.look()).toEqual([
      `${CREATED}1`,
      'ECHO_RES between',
      `${CREATED}2`,
      'OK ERROR\n',
      `${CREATED}3`,
      'ERROR INVALID_COMMAND Command not expected',
    ])
  })

  test('a refused commit refuses its jobs, uses up their numbers, and the store is used again', async () => {
    const { server, store, client } = setUp()
    const worker = server.worker()
    client.play('SUBMIT_JOB_BG', 'f', 'u', '1')
    client.play('SUBMIT_JOB_BG', 'f', '', '2')
    await turn()
    await store.fail()
    expect(client.look()).toEqual([REFUSED, REFUSED])
    expect(server.status()).toBe('0 0 1')
    expect(worker.play('GRAB_JOB')).toEqual(['NO_JOB'])
    client.play('SUBMIT_JOB_BG', 'f', 'u', '3')
    await turn()
    await store.succeed()
    expect(client.look()).toEqual([`${CREATED}3`])
    expect(worker.play('GRAB_JOB')).toEqual(['JOB_ASSIGN H:test:3 f 3'])
  })

  test('a store that throws has failed', async () => {
    const server = new TestServer({
      store: {
        commit: () => {
          throw new Error('a bug')
        },
      },
    })
    const client = server.connect()
    client.play('SUBMIT_JOB_BG', 'f', '', '1')
    await turn()
    expect(client.look()).toEqual([REFUSED])
  })

  test('a client that leaves before the commit leaves its job behind', async () => {
    const { server, store, client } = setUp()
    client.play('SUBMIT_JOB_BG', 'f', '', 'x')
    client.leave()
    await turn()
    await store.succeed()
    expect(client.look()).toEqual([])
    expect(server.worker().play('GRAB_JOB')).toEqual(['JOB_ASSIGN H:test:1 f x'])
  })

  test('foreground jobs never reach the store', async () => {
    const { server, store, client } = setUp()
    const worker = server.worker()
    client.play('SUBMIT_JOB', 'f', '', 'x')
    worker.play('GRAB_JOB')
    worker.play('WORK_COMPLETE', 'H:test:1', '')
    client.play('SUBMIT_JOB', 'f', '', 'y')
    client.leave()
    await turn()
    expect(store.commits).toEqual([])
    expect(server.table.commits?.isIdle).toBe(true)
  })
})

describe('what happens to a stored job', () => {
  async function submitted(options: { readonly jobRetries?: number } = {}): Promise<Setup> {
    const setup = setUp(options)
    setup.client.play('SUBMIT_JOB_BG', 'f', 'u', 'x')
    await turn()
    await setup.store.succeed()
    setup.client.look()
    return setup
  }

  test.each([
    ['WORK_COMPLETE', ['H:test:1', 'r']],
    ['WORK_FAIL', ['H:test:1']],
    ['WORK_EXCEPTION', ['H:test:1', 'boom']],
  ] as const)('%s takes it out of the store', async (name, args) => {
    const { server, store } = await submitted()
    const worker = server.worker()
    worker.play('GRAB_JOB')
    worker.play(name, ...args)
    await turn()
    expect(store.commits[1]).toEqual({ added: [], updated: [], removed: [1] })
  })

  test('cancelling takes it out, queued or running, once', async () => {
    const { server, store, client } = await submitted()
    client.say('cancel job H:test:1')
    client.play('SUBMIT_JOB_BG', 'f', 'u', 'y')
    await turn()
    expect(store.commits[1]).toMatchObject({ added: [{ key: 2 }], removed: [1] })
    await store.succeed()
    const worker = server.worker()
    worker.play('GRAB_JOB')
    client.say('cancel job H:test:2')
    worker.play('WORK_COMPLETE', 'H:test:2', '')
    await turn()
    expect(store.commits[2]).toEqual({ added: [], updated: [], removed: [2] })
  })

  test('a lost worker is counted in the store; the last allowed one takes the job out', async () => {
    const { server, store } = await submitted({ jobRetries: 2 })
    const worker = server.worker()
    worker.play('GRAB_JOB')
    worker.leave()
    await turn()
    expect(store.commits[1]).toEqual({
      added: [],
      updated: [{ key: 1, retries: 1 }],
      removed: [],
    })
    await store.succeed()
    const other = server.worker()
    other.play('GRAB_JOB')
    other.leave()
    await turn()
    expect(store.commits[2]).toEqual({ added: [], updated: [], removed: [1] })
  })

  test('a removal that could not be written is written later', async () => {
    const { server, store } = await submitted()
    const worker = server.worker()
    worker.play('GRAB_JOB')
    worker.play('WORK_COMPLETE', 'H:test:1', '')
    await turn()
    await store.fail()
    await turn()
    expect(store.openCount).toBe(0)
    server.clock.advance(1000)
    expect(store.commits[2]).toEqual({ added: [], updated: [], removed: [1] })
    await store.succeed()
    expect(server.table.commits?.isIdle).toBe(true)
    expect(server.clock.timerCount).toBe(0)
  })
})

describe('a delayed job that is kicked', () => {
  async function delayed(...datas: readonly string[]): Promise<Setup> {
    const setup = setUp()
    for (const data of datas) setup.client.play('SUBMIT_JOB_EPOCH', 'f', '', '2000000000', data)
    await turn()
    await setup.store.succeed()
    setup.client.look()
    return setup
  }

  test('is stored anew without its time, and not accepted once more', async () => {
    const { server, store, client } = await delayed('x')
    client.say('kick job H:test:1')
    client.play('SUBMIT_JOB_BG', 'f', '', 'new')
    await turn()
    expect(store.commits[1]).toMatchObject({
      added: [
        { key: 1, runAtEpochSeconds: 0, data: Buffer.from('x'), acceptedAtMs: 1_000_000_000_000 },
        { key: 2 },
      ],
      removed: [],
    })
    await store.succeed()
    expect(client.look()).toEqual([`${CREATED}2`])
    expect(server.status()).toBe('2 0 0')
    expect(server.table.commits?.isIdle).toBe(true)
  })

  test('runs at once, and is not written when it is over before the commit', async () => {
    const { server, store, client } = await delayed('x')
    const worker = server.worker()
    client.say('kick job H:test:1')
    expect(worker.play('GRAB_JOB')).toEqual(['JOB_ASSIGN H:test:1 f x'])
    worker.play('WORK_COMPLETE', 'H:test:1', '')
    await turn()
    expect(store.commits[1]).toEqual({ added: [], updated: [], removed: [1] })
  })

  test('stays due when the commit fails, and is written with a later one', async () => {
    const { server, store, client } = await delayed('x', 'y')
    const worker = server.worker()
    client.say('kick function f')
    await turn()
    await store.fail()
    expect(server.status()).toBe('2 0 1')
    worker.play('GRAB_JOB')
    worker.play('WORK_COMPLETE', 'H:test:1', '')
    await turn()
    expect(store.commits[2]).toMatchObject({
      added: [{ key: 2, runAtEpochSeconds: 0 }],
      removed: [1],
    })
    await store.succeed()
    expect(worker.play('GRAB_JOB')).toEqual(['JOB_ASSIGN H:test:2 f y'])
    expect(server.table.commits?.isIdle).toBe(true)
  })

  test('many of them are written in several commits', async () => {
    const { server, store, client } = await delayed(...new Array<string>(900).fill('x'))
    for (let submitted = 900; submitted < 2500; submitted += 800) {
      for (let index = 0; index < 800; index += 1)
        client.play('SUBMIT_JOB_EPOCH', 'f', '', '2000000000', 'x')
      await turn()
      await store.succeed()
    }
    store.commits.splice(0)
    client.say('kick function f')
    await turn()
    while (store.openCount > 0) await store.succeed()
    expect(store.commits.map(({ added }) => added.length)).toEqual([1000, 1000, 500])
    expect(server.table.commits?.isIdle).toBe(true)
  })
})

describe('submissions that join a job on its way to the store', () => {
  test('wait with it, and share its success', async () => {
    const { server, store, client } = setUp()
    const [foreground, background] = [server.connect(), server.connect()]
    client.play('SUBMIT_JOB_BG', 'f', 'u', 'x')
    expect(foreground.play('SUBMIT_JOB', 'f', 'u', 'y')).toEqual([])
    expect(background.play('SUBMIT_JOB_BG', 'f', 'u', 'z')).toEqual([])
    await turn()
    await store.succeed()
    expect(store.commits).toHaveLength(1)
    for (const peer of [client, foreground, background])
      expect(peer.look()).toEqual([`${CREATED}1`])
    const worker = server.worker()
    worker.play('GRAB_JOB')
    worker.play('WORK_COMPLETE', 'H:test:1', 'r')
    expect(foreground.look()).toEqual(['WORK_COMPLETE H:test:1 r'])
  })

  test('when it is refused the foreground ones become one job of their own, the others are refused', async () => {
    const { server, store, client } = setUp()
    const [one, two, background] = [server.connect(), server.connect(), server.connect()]
    client.play('SUBMIT_JOB_BG', 'f', 'u', 'x')
    one.play('SUBMIT_JOB_HIGH', 'f', 'u', 'of its own')
    two.play('SUBMIT_JOB', 'f', 'u', 'joins')
    background.play('SUBMIT_JOB_BG', 'f', 'u', 'z')
    await turn()
    await store.fail()
    expect(client.look()).toEqual([REFUSED])
    expect(background.look()).toEqual([REFUSED])
    expect(one.look()).toEqual([`${CREATED}2`])
    expect(two.look()).toEqual([`${CREATED}2`])
    expect(server.worker().play('GRAB_JOB')).toEqual(['JOB_ASSIGN H:test:2 f of its own'])
  })

  test('a foreground one that leaves while it waits becomes nothing', async () => {
    const { server, store, client } = setUp()
    const leaving = server.connect()
    client.play('SUBMIT_JOB_BG', 'f', 'u', 'x')
    leaving.play('SUBMIT_JOB', 'f', 'u', 'y')
    leaving.leave()
    await turn()
    await store.fail()
    expect(server.status()).toBe('0 0 0')
  })

  test('a job that is cancelled on its way is stored and taken out, and never runs', async () => {
    const { server, store, client } = setUp()
    client.play('SUBMIT_JOB_BG', 'f', 'u', 'x')
    server.connect().say('cancel job H:test:1')
    await turn()
    expect(store.commits[0]).toMatchObject({ added: [{ key: 1 }], removed: [1] })
    await store.succeed()
    expect(client.look()).toEqual([`${CREATED}1`])
    expect(server.worker().play('GRAB_JOB')).toEqual(['NO_JOB'])
  })

  test('a foreground one becomes a job that workers can get, though its function was dropped', async () => {
    const { server, store, client } = setUp()
    const background = server.connect()
    background.play('SUBMIT_JOB_BG', 'f', 'u', 'x')
    client.play('SUBMIT_JOB', 'f', 'u', 'x')
    background.say('drop function f')
    await turn()
    await store.fail()
    expect(client.look()).toEqual(['JOB_CREATED H:test:2'])
    expect(server.worker().play('GRAB_JOB')).toEqual(['JOB_ASSIGN H:test:2 f x'])
  })
})

describe('a background submission that joins a foreground job', () => {
  test('has it stored, and is answered after that; the job runs meanwhile', async () => {
    const { server, store, client } = setUp()
    const background = server.connect()
    const worker = server.worker()
    client.play('SUBMIT_JOB', 'f', 'u', 'x')
    expect(background.play('SUBMIT_JOB_BG', 'f', 'u', 'y')).toEqual([])
    expect(worker.play('GRAB_JOB')).toEqual(['JOB_ASSIGN H:test:1 f x'])
    await turn()
    expect(store.commits[0]?.added).toMatchObject([{ key: 1, data: Buffer.from('x') }])
    await store.succeed()
    expect(background.look()).toEqual([`${CREATED}1`])
    client.leave()
    worker.leave()
    expect(server.worker().play('GRAB_JOB')).toEqual(['JOB_ASSIGN H:test:1 f x'])
  })

  test('another foreground one joins at once: the job is there already', () => {
    const { server, client } = setUp()
    client.play('SUBMIT_JOB', 'f', 'u', 'x')
    server.connect().play('SUBMIT_JOB_BG', 'f', 'u', 'y')
    expect(server.connect().play('SUBMIT_JOB', 'f', 'u', 'z')).toEqual([`${CREATED}1`])
  })

  test('the job ends before the commit does: it is taken out with the next one', async () => {
    const { server, store, client } = setUp()
    const background = server.connect()
    const worker = server.worker()
    client.play('SUBMIT_JOB', 'f', 'u', 'x')
    background.play('SUBMIT_JOB_BG', 'f', 'u', 'y')
    await turn()
    worker.play('GRAB_JOB')
    worker.play('WORK_COMPLETE', 'H:test:1', 'r')
    await store.succeed()
    expect(background.look()).toEqual([`${CREATED}1`])
    expect(store.commits[1]).toEqual({ added: [], updated: [], removed: [1] })
  })

  test('clients that leave meanwhile do not take the job along, a refused commit then does', async () => {
    const { server, store, client } = setUp()
    const background = server.connect()
    client.play('SUBMIT_JOB', 'f', 'u', 'x')
    background.play('SUBMIT_JOB_BG', 'f', 'u', 'y')
    client.leave()
    expect(server.status()).toBe('1 0 0')
    await turn()
    await store.fail()
    expect(background.look()).toEqual([REFUSED])
    expect(server.status()).toBe('0 0 0')
  })

  test('a refused commit leaves the foreground job as it was', async () => {
    const { server, store, client } = setUp()
    client.play('SUBMIT_JOB', 'f', 'u', 'x')
    server.connect().play('SUBMIT_JOB_BG', 'f', 'u', 'y')
    await turn()
    await store.fail()
    const worker = server.worker()
    worker.play('GRAB_JOB')
    worker.play('WORK_COMPLETE', 'H:test:1', 'r')
    expect(client.look()).toEqual(['WORK_COMPLETE H:test:1 r'])
    await turn()
    expect(store.commits).toHaveLength(1)
  })
})

describe('a store that does not keep up', () => {
  function behind(options: {
    readonly maxUncommittedJobs?: number
    readonly maxUncommittedBytes?: number
  }): Setup {
    const store = new HandStore()
    const server = new TestServer({ ...options, store })
    return { server, store, client: server.connect() }
  }
  const TOO_MANY = 'ERROR QUEUE_ERROR Too many jobs wait for the queue store'

  test('is waited for by so many submissions; more are refused at once, foreground ones are not', async () => {
    const { server, store, client } = behind({ maxUncommittedJobs: 2 })
    client.play('SUBMIT_JOB_BG', 'f', '', '1')
    client.play('SUBMIT_JOB_BG', 'f', 'u', '2')
    const other = server.connect()
    expect(other.play('SUBMIT_JOB_BG', 'f', '', '3')).toEqual([TOO_MANY])
    expect(other.play('SUBMIT_JOB_BG', 'f', 'u', 'joins')).toEqual([TOO_MANY])
    expect(other.play('SUBMIT_JOB', 'f', '', '4')).toEqual([`${CREATED}3`])
    await turn()
    await store.succeed()
    expect(other.play('SUBMIT_JOB_BG', 'f', '', '5')).toEqual([])
    await turn()
    await store.succeed()
    expect(other.look()).toEqual([`${CREATED}4`])
  })

  test('is waited for with so many bytes, or with one larger job', async () => {
    const { server, store, client } = behind({ maxUncommittedBytes: 10 })
    client.play('SUBMIT_JOB_BG', 'f', 'u', '123456')
    const other = server.connect()
    expect(other.play('SUBMIT_JOB_BG', 'f', '', '12345')).toEqual([TOO_MANY])
    expect(other.play('SUBMIT_JOB', 'f', 'u', 'joins, and is kept')).toEqual([TOO_MANY])
    await turn()
    await store.succeed()
    client.play('SUBMIT_JOB_BG', 'f', '', '12345678901')
    await turn()
    await store.succeed()
    expect(client.look()).toEqual([`${CREATED}2`])
  })

  test('refuses a job that is too large for it, and no other', async () => {
    const { server, store, client } = setUp()
    if (server.table.commits !== undefined) server.table.commits.maxDataBytes = 3
    client.play('SUBMIT_JOB_BG', 'f', '', '123')
    const other = server.connect()
    expect(other.play('SUBMIT_JOB_BG', 'f', '', '1234')).toEqual([
      'ERROR QUEUE_ERROR The job is larger than the queue store takes',
    ])
    expect(other.play('SUBMIT_JOB', 'f', '', '1234')).toEqual([`${CREATED}2`])
    await turn()
    await store.succeed()
    expect(client.look()).toEqual([`${CREATED}1`])
  })
})

describe('a store that fails', () => {
  test('is told to forget what it refused: it may have written it', async () => {
    const { server, store, client } = setUp()
    client.play('SUBMIT_JOB_BG', 'f', '', '1')
    await turn()
    await store.fail()
    server.clock.advance(1000)
    expect(store.commits[1]).toEqual({ added: [], updated: [], removed: [1] })
    await store.succeed()
    expect(server.table.commits?.isIdle).toBe(true)
  })

  test('keeps a refused job that is added again', async () => {
    const { server, store, client } = setUp()
    const background = server.connect()
    client.play('SUBMIT_JOB', 'f', 'u', 'x')
    background.play('SUBMIT_JOB_BG', 'f', 'u', 'y')
    await turn()
    await store.fail()
    expect(background.play('SUBMIT_JOB_BG', 'f', 'u', 'z')).toEqual([REFUSED])
    await turn()
    expect(store.commits[1]).toMatchObject({ added: [{ key: 1 }], removed: [] })
    await store.succeed()
    expect(background.look()).toEqual([`${CREATED}1`])
  })

  test('for long is not tried at every change, and nothing piles up without end', async () => {
    const store = new HandStore()
    const server = new TestServer({ store, maxUncommittedJobs: 200_000 })
    const client = server.connect()
    const submit = async (jobs: number): Promise<void> => {
      for (let index = 0; index < jobs; index += 1) client.play('SUBMIT_JOB_BG', 'f', '', '')
      await turn()
    }
    await submit(1000)
    await store.fail()
    await submit(1)
    expect(store.commits).toHaveLength(1)
    server.clock.advance(1000)
    expect(store.commits).toHaveLength(2)
    await submit(99_000)
    await store.fail()
    server.clock.advance(1000)
    await store.fail()
    client.look()
    expect(client.play('SUBMIT_JOB_BG', 'f', '', '')).toEqual([
      'ERROR QUEUE_ERROR Too many jobs wait for the queue store',
    ])
    server.clock.advance(1000)
    expect(store.commits[3]?.removed).toHaveLength(100_001)
    await store.succeed()
    await submit(1)
    await store.succeed()
    expect(client.look()).toHaveLength(1)
  })

  test('gets no update of a job that ended meanwhile', async () => {
    const { server, store, client } = setUp()
    client.play('SUBMIT_JOB_BG', 'f', 'u', 'x')
    await turn()
    await store.succeed()
    const worker = server.worker()
    worker.play('GRAB_JOB')
    worker.leave()
    client.say('cancel job H:test:1')
    await turn()
    expect(store.commits[1]).toEqual({ added: [], updated: [], removed: [1] })
  })
})

describe('numbers of jobs', () => {
  test('are reserved ahead of their use, in blocks, and given back at the end', async () => {
    const { server, store, client } = setUp()
    const { commits, handles } = server.table
    handles.continueAfter(1000)
    const starting = commits?.start()
    expect(store.commits[0]?.highestKey).toBe(1000 + 2 ** 24)
    await store.succeed()
    await starting
    client.play('SUBMIT_JOB_BG', 'f', '', 'x')
    await turn()
    await store.succeed()
    expect(store.commits[1]).toMatchObject({ added: [{ key: 1001 }], highestKey: undefined })
    handles.continueAfter(1000 + 2 ** 23)
    client.play('SUBMIT_JOB', 'f', '', 'x')
    await turn()
    expect(store.commits[2]).toMatchObject({ added: [], highestKey: 1001 + 2 ** 23 + 2 ** 24 })
    await store.succeed()
    const ending = commits?.end(handles.lastNumber)
    expect(store.commits[3]?.highestKey).toBe(1001 + 2 ** 23)
    await store.succeed()
    await ending
  })

  test('that could not be reserved are reserved with the next commit', async () => {
    const { server, store, client } = setUp()
    const starting = server.table.commits?.start()
    await store.succeed()
    await starting
    server.table.handles.continueAfter(2 ** 24)
    client.play('SUBMIT_JOB_BG', 'f', '', 'x')
    await turn()
    await store.fail()
    client.play('SUBMIT_JOB_BG', 'f', '', 'y')
    await turn()
    expect(store.commits[2]?.highestKey).toBe(2 ** 25 + 2)
  })
})

describe('the end', () => {
  test('waits for what is under way and what was gathered', async () => {
    const { server, store, client } = setUp()
    client.play('SUBMIT_JOB_BG', 'f', '', '1')
    await turn()
    client.play('SUBMIT_JOB_BG', 'f', '', '2')
    server.table.stop()
    let isOver = false
    const ending = server.table.commits?.end(2).then(() => {
      isOver = true
    })
    await store.succeed()
    expect(isOver).toBe(false)
    expect(store.commits[1]).toMatchObject({ added: [{ key: 2 }], highestKey: 2 })
    await store.succeed()
    await ending
    expect(isOver).toBe(true)
    expect(client.look()).toEqual([`${CREATED}1`, `${CREATED}2`])
    expect(server.clock.timerCount).toBe(0)
  })

  test('gives a failing store one more chance, and then up', async () => {
    const { server, store, client } = setUp()
    client.play('SUBMIT_JOB_BG', 'f', '', '1')
    await turn()
    server.table.stop()
    const ending = server.table.commits?.end(1)
    await store.fail()
    expect(store.commits).toHaveLength(2)
    await store.fail()
    await ending
    expect(store.commits).toHaveLength(2)
    expect(server.clock.timerCount).toBe(0)
  })

  test('is there at once when nothing is to be written', async () => {
    const { server } = setUp()
    await server.table.commits?.end()
  })
})
