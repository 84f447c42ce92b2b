import { describe, expect, onTestFinished, test, vi } from 'vitest'
import {
  ConnectionError,
  type GearmanClient,
  type GearmanClientOptions,
  GearmanErrorCode,
  GearmanJob,
  GearmanJobRequest,
  InvalidArgumentError,
  JOB_COMPLETE,
  JOB_CREATED,
  JOB_UNKNOWN,
  type RawDataEncoder,
  ServerUnavailable,
} from '../../../src/index.ts'
import { GearmanServer } from '../../../src/server/index.ts'
import { TestServer } from '../../../src/testing/index.ts'
import {
  newTask,
  rejectionOf,
  until,
  untilState,
  useClient,
  useWorker,
} from '../../helpers/fixtures.ts'
import {
  describeWithGearmand,
  findFreePort,
  type Gearmand,
  startGearmand,
} from '../../helpers/gearmand.ts'
import { failOnLeaks } from '../../helpers/leaks.ts'

interface Running {
  readonly port: number
  readonly address: string
  stop(): Promise<void>
}

async function startBundled(port = 0): Promise<Running> {
  const server = new GearmanServer({ port })
  onTestFinished(() => server.close())
  const address = await server.listen()
  return {
    port: address.port,
    address: `127.0.0.1:${address.port}`,
    stop: () => server.close(),
  }
}

async function startReal(): Promise<Running> {
  const gearmand: Gearmand = await startGearmand()
  onTestFinished(() => gearmand.stop())
  return {
    port: gearmand.port,
    address: `127.0.0.1:${gearmand.port}`,
    stop: () => gearmand.stop(),
  }
}

/**
 * Does something in one turn by a clock that stands still: servers that have not answered for 50 ms get fewer jobs, and a
 * busy machine may need those for the turn in which a test hands out many.
 */
function inNoTime<T>(action: () => T): T {
  const now = vi.spyOn(performance, 'now').mockReturnValue(performance.now())
  try {
    return action()
  } finally {
    now.mockRestore()
  }
}

const suites = [
  { name: 'bundled servers', describeThem: describe, start: () => startBundled() },
  { name: 'gearmands', describeThem: describeWithGearmand, start: () => startReal() },
]

for (const { name, describeThem, start } of suites) {
  describeThem(`several ${name}`, () => {
    failOnLeaks()

    async function startAll(count: number): Promise<Running[]> {
      return await Promise.all(Array.from({ length: count }, () => start()))
    }

    /** A client that has reached all of them. */
    async function useReadyClient(
      servers: readonly Running[],
      options: GearmanClientOptions<RawDataEncoder> = {},
    ): Promise<GearmanClient> {
      const client = useClient(
        servers.map(({ address }) => address),
        options,
      )
      for (const connection of client.connectionList) await client.establishConnection(connection)
      return client
    }

    test.each(['least-load', 'round-robin'] as const)(
      'share the jobs evenly: %s',
      async (strategy) => {
        const servers = await startAll(3)
        const client = await useReadyClient(servers, { strategy })
        const task = newTask()
        const jobs = Array.from({ length: 30 }, () => ({ task, data: 'x' }))
        const requests = await inNoTime(() =>
          client.submitMultipleJobs(jobs, { waitUntilComplete: false }),
        )
        const counts = servers.map(
          ({ address }) => requests.filter(({ job }) => job.connection?.server === address).length,
        )
        expect(counts).toEqual([10, 10, 10])
      },
    )

    test('get jobs from a strategy of the caller’s own', async () => {
      const servers = await startAll(2)
      const task = newTask()
      const client = await useReadyClient(servers, {
        strategy: (candidates, job) => {
          const wanted = servers[job.unique === '' ? 0 : 1]?.address
          const found = candidates.find(({ server }) => server === wanted)
          if (found === undefined) throw new Error('both are ready')
          return found
        },
      })
      const options = { background: true } as const
      const requests = [
        await client.submitJob(task, 'x', options),
        await client.submitJob(task, 'x', { ...options, unique: '' }),
      ]
      expect(requests.map(({ job }) => job.connection?.server)).toEqual([
        servers[1]?.address,
        servers[0]?.address,
      ])
    })

    test('get equal jobs of several clients at the same place, where they join', async () => {
      const servers = await startAll(3)
      const addresses = servers.map(({ address }) => address)
      const clients = [useClient(addresses), useClient(addresses.toReversed())]
      const task = newTask()
      for (let index = 0; index < 20; index += 1) {
        const options = { unique: `unique ${index}`, background: true } as const
        const [first, second] = await Promise.all(
          clients.map((client) => client.submitJob(task, 'x', options)),
        )
        expect(second?.job.connection?.server).toBe(first?.job.connection?.server)
        expect(second?.handle).toBe(first?.handle)
      }
    })

    test('report their queues, so that the jobs of others count', async () => {
      const servers = await startAll(2)
      const [busy, idle] = servers as [Running, Running]
      const task = newTask()
      const others = useClient(busy.address)
      await others.submitMultipleJobs(
        Array.from({ length: 20 }, () => ({ task, data: 'x' })),
        { background: true },
      )
      const client = await useReadyClient(servers, { queueProbeInterval: 5 })
      const reported = (): (number | undefined)[] =>
        client.connectionList.map((connection) => connection.reportedJobs(task))
      await until(() => reported().every((jobs) => jobs !== undefined))
      expect(reported()).toEqual([20, 0])
      // Twenty go to the idle one until both have as many; then they take turns.
      const jobs = Array.from({ length: 40 }, () => ({ task, data: 'x' }))
      const requests = await inNoTime(() => client.submitMultipleJobs(jobs, { background: true }))
      const places = requests.map(({ job }) => job.connection?.server)
      expect(places.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => idle.address))
      expect(places.filter((server) => server === busy.address)).toHaveLength(10)
    })

    test('of which one is far get fewer jobs there, by least load and not by turns', async () => {
      const [near, far] = (await startAll(2)) as [Running, Running]
      const task = newTask()
      const share = async (strategy: 'least-load' | 'round-robin'): Promise<number> => {
        const client = await useReadyClient([near, far], { strategy })
        // On a busy machine every server is far now and then: here time passes on the way to one of them only.
        let nowMs = performance.now()
        const clock = vi.spyOn(performance, 'now').mockImplementation(() => nowMs)
        onTestFinished(() => clock.mockRestore())
        let count = 0
        for (let job = 0; job < 40; job += 1) {
          const request = new GearmanJobRequest<unknown>(
            new GearmanJob<unknown>(undefined, undefined, task, undefined, 'x'),
            null,
            true,
          )
          const call = client.submitMultipleRequests([request])
          const isFar = request.job.connection?.server === far.address
          if (isFar) count += 1
          nowMs += isFar ? 150 : 1
          await call
        }
        clock.mockRestore()
        await client.shutdown()
        return count
      }
      expect(await share('round-robin')).toBe(20)
      // 10 ms count as no time, and 150 ms are fifteen times as much.
      expect(await share('least-load')).toBeLessThanOrEqual(4)
    })

    test('one of which is down serve all the same', async () => {
      const [up] = await startAll(1)
      const dead = `127.0.0.1:${await findFreePort()}`
      const task = newTask()
      await useWorker(up as Running, { [task]: () => 'done' })
      const client = useClient([dead, up?.address ?? ''])
      for (const unique of ['a', 'b', 'c', 'd', undefined]) {
        expect(String(await client.do(task, 'x', { unique }))).toBe('done')
      }
    })

    test('of which one is stopped lose only what it had', async () => {
      const [stays, goes] = await startAll(2)
      const client = await useReadyClient([stays as Running, goes as Running])
      const task = newTask()
      const jobs = Array.from({ length: 10 }, () => ({ task, data: 'x' }))
      const requests = await inNoTime(() =>
        client.submitMultipleJobs(jobs, { waitUntilComplete: false }),
      )
      const lost = requests.filter(({ job }) => job.connection?.server === goes?.address)
      expect(lost).toHaveLength(5)
      const ended = client.waitUntilJobsCompleted(requests)
      await goes?.stop()
      await client.waitUntilJobsCompleted(lost)
      for (const request of lost) {
        expect(request).toMatchObject({
          state: JOB_UNKNOWN,
          delivery: 'accepted',
          timedOut: false,
          complete: false,
        })
      }
      await useWorker(stays as Running, { [task]: () => 'done' })
      await ended
      const others = requests.filter((request) => !lost.includes(request))
      expect(others.every(({ state }) => state === JOB_COMPLETE)).toBe(true)
      // The Python manual's way: submit what was lost again; it goes where a server is.
      await client.submitMultipleRequests(requests)
      expect(requests.every(({ state }) => state === JOB_COMPLETE)).toBe(true)
    })
  })
}

describe('no server at all', () => {
  failOnLeaks()

  test('rejects naming each address and its cause, and does not wait for long', async () => {
    const dead = [await findFreePort(), await findFreePort()].map((port) => `127.0.0.1:${port}`)
    const client = useClient(dead)
    for (const call of [
      client.submitJob('t', 'x'),
      client.do('t', 'x', { unique: 'u' }),
      client.stream('t', 'x').next(),
    ]) {
      const error = await rejectionOf(call)
      expect(error).toBeInstanceOf(ServerUnavailable)
      expect(error).toMatchObject({
        code: GearmanErrorCode.ServerUnavailable,
        failures: dead.map((server) => ({
          server,
          cause: expect.objectContaining({
            code: GearmanErrorCode.Connection,
            server,
            cause: expect.objectContaining({ code: 'ECONNREFUSED' }),
          }),
        })),
      })
      for (const address of dead) expect(error.message).toContain(address)
    }
  })

  test('stands in the requests of a batch, which resolves', async () => {
    const client = useClient(`127.0.0.1:${await findFreePort()}`)
    const requests = await client.submitMultipleJobs([{ task: 't', data: 'x' }])
    expect(requests[0]).toMatchObject({
      state: JOB_UNKNOWN,
      delivery: 'not-sent',
      timedOut: false,
      connectionAttempts: 0,
    })
    expect(requests[0]?.error).toBeInstanceOf(ServerUnavailable)
  })

  test('is waited for within pollTimeout: a server that comes in time gets the job', async () => {
    const port = await findFreePort()
    const client = useClient(`127.0.0.1:${port}`, { reconnectMaxDelay: 100 })
    const call = client.submitJob('t', 'x', { pollTimeout: 30_000, background: true })
    const [connection] = client.connectionList
    if (connection === undefined) throw new Error('there is one')
    await untilState(client, connection, 'failed')
    await startBundled(port)
    expect(await call).toMatchObject({ state: JOB_CREATED, timedOut: false })
  })

  test('within pollTimeout rejects with ServerUnavailable, not with a timeout', async () => {
    const client = useClient(`127.0.0.1:${await findFreePort()}`)
    const limits = { pollTimeout: 50 }
    expect(await rejectionOf(client.submitJob('t', 'x', limits))).toBeInstanceOf(ServerUnavailable)
    expect(await rejectionOf(client.do('t', 'x', limits))).toBeInstanceOf(ServerUnavailable)
    const [request] = await client.submitMultipleJobs([{ task: 't', data: 'x' }], limits)
    expect(request).toMatchObject({ timedOut: false, delivery: 'not-sent', state: JOB_UNKNOWN })
    const step = client.stream('t', 'x', limits).next()
    expect(await rejectionOf(step)).toBeInstanceOf(ServerUnavailable)
  })
})

describe('the choice of a server', () => {
  failOnLeaks()

  test('a strategy that throws or gives nonsense fails the request, nothing else', async () => {
    const [one, two] = [await startBundled(), await startBundled()]
    const broken = new Error('no idea')
    const answers: unknown[] = [broken, undefined, { server: 'nowhere' }]
    const client = useClient([one.address, two.address], {
      strategy: () => {
        const answer = answers.shift()
        if (answer instanceof Error) throw answer
        return answer as never
      },
    })
    for (const connection of client.connectionList) await client.establishConnection(connection)
    expect(await rejectionOf(client.submitJob('t', 'x'))).toBe(broken)
    for (let nonsense = 0; nonsense < 2; nonsense += 1) {
      const error = await rejectionOf(client.submitJob('t', 'x'))
      expect(error).toBeInstanceOf(InvalidArgumentError)
      expect(error).toMatchObject({ argument: 'strategy' })
      expect(error.message).toContain(`${one.address}, ${two.address}`)
    }
    const direct = { unique: 'u', background: true } as const
    expect(await client.submitJob('t', 'x', direct)).toMatchObject({ state: JOB_CREATED })
  })

  test('follows weights: of the option, and of an address', async () => {
    const [one, two] = [await startBundled(), await startBundled()]
    const client = useClient([one.address, { host: '127.0.0.1', port: two.port, weight: 2 }], {
      weights: { [one.address]: 6 },
    })
    await client.ready({ all: true })
    const jobs = Array.from({ length: 40 }, () => ({ task: 't', data: 'x' }))
    const requests = await inNoTime(() => client.submitMultipleJobs(jobs, { background: true }))
    const count = requests.filter(({ job }) => job.connection?.server === one.address).length
    expect(count).toBe(30)
  })

  test('eases a server in that comes back, but not for jobs that go where their equals go', async () => {
    const [stays, goes] = [await startBundled(), await TestServer.start()]
    onTestFinished(() => goes.kill())
    const client = useClient([stays.address, goes.address], {
      ...{ strategy: 'round-robin', easeInTime: 3_600_000 },
      ...{ reconnectMinDelay: 1, reconnectMaxDelay: 5 },
    })
    await client.ready({ all: true })
    const jobs = (unique?: string): { task: string; data: string; unique?: string }[] =>
      Array.from({ length: 110 }, (_, index) => ({
        ...{ task: 't', data: 'x' },
        ...(unique === undefined ? {} : { unique: `${unique} ${index}` }),
      }))
    const share = async (unique?: string): Promise<number> => {
      const requests = await client.submitMultipleJobs(jobs(unique), { background: true })
      return requests.filter(({ job }) => job.connection?.server === goes.address).length
    }
    expect(await share()).toBe(55)
    const ofEquals = await share('equal')
    await goes.restart()
    await client.ready({ all: true, pollTimeout: 30_000 })
    expect(await share()).toBe(10)
    expect(await share('equal')).toBe(ofEquals)
  })

  test('a list that names a server twice is refused, with its address', async () => {
    const { address } = await startBundled()
    for (const hostList of [[address, address], `${address},${address.toUpperCase()}`]) {
      expect(() => useClient(hostList)).toThrow(
        expect.objectContaining({
          argument: 'hostList',
          message: expect.stringContaining(address),
        }),
      )
    }
    const client = useClient(address)
    expect(() => client.addConnection(address)).toThrow(address)
    expect(client.connectionList).toHaveLength(1)
  })

  test('weights of a server that is not in the list are refused', () => {
    expect(() => useClient('gear:1', { weights: { 'gear:2': 1 } })).toThrow(
      expect.objectContaining({ argument: 'weights', message: expect.stringContaining('gear:2') }),
    )
  })

  test('establishRequestConnection may reject, throw, or give a connection that is not open', async () => {
    const client = useClient((await startBundled()).address)
    const reason = new Error('not today')
    client.establishRequestConnection = () => Promise.reject(reason)
    expect(await rejectionOf(client.submitJob('t', 'x'))).toBe(reason)
    client.establishRequestConnection = () => {
      throw reason
    }
    expect(await rejectionOf(client.submitJob('t', 'x'))).toBe(reason)
    const [connection] = client.connectionList
    client.establishRequestConnection = () => connection as never
    expect(await rejectionOf(client.submitJob('t', 'x'))).toBeInstanceOf(ServerUnavailable)
  })

  test('establishRequestConnection that never answers ends with the time of the call', async () => {
    const client = useClient((await startBundled()).address)
    client.establishRequestConnection = () => new Promise(() => undefined)
    const error = await rejectionOf(client.submitJob('t', 'x', { pollTimeout: 20 }))
    expect(error).toBeInstanceOf(ServerUnavailable)
  })

  test('a server that is added later is used', async () => {
    const [first, second] = [await startBundled(), await startBundled()]
    const client = useClient(first.address, { strategy: 'round-robin' })
    await client.submitJob('t', 'x', { background: true })
    const added = client.addConnection(second.address)
    expect(client.connectionList).toContain(added)
    await client.establishConnection(added)
    const requests = await client.submitMultipleJobs(
      [
        { task: 't', data: '1' },
        { task: 't', data: '2' },
      ],
      { background: true },
    )
    const used = new Set(requests.map(({ job }) => job.connection))
    expect(used).toEqual(new Set(client.connectionList))
    await client.shutdown()
    const late = client.addConnection('127.0.0.1:1')
    expect(late.state).toBe('closed')
    expect(await rejectionOf(client.establishConnection(late))).toBeInstanceOf(ConnectionError)
  })
})
