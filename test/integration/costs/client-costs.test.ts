/** What a job costs a client, counted instead of timed: the same on any machine. */
import { GearmanClient } from 'gearman-sdk'
import { describe, expect, it } from 'vitest'
import { countAsyncResources } from '../../helpers/async-costs.ts'
import { describeBackends } from '../../helpers/backends.ts'
import { startCliServer } from '../../helpers/cli-server.ts'
import { keptBytes } from '../../helpers/heap.ts'
import { type SocketCosts, watchSockets } from '../../helpers/socket-costs.ts'

const JOBS = 1000
const DATA = 'x'.repeat(16)

describeBackends('the costs of a client', (backend) => {
  it('sends a batch of 1,000 background jobs in two writes at most', async () => {
    await using connected = await connect()
    const { client, socket } = connected
    const before = socket.writes
    const jobs = Array.from({ length: JOBS }, () => ({ task: 'batch', data: DATA }))
    await client.submitMultipleJobs(jobs, { background: true })
    expect(socket.sent('SUBMIT_JOB_BG')).toBe(JOBS + 1)
    expect(socket.writes - before).toBeLessThanOrEqual(2)
  })

  it('sends 1,000 single background jobs of one turn in two writes at most, with one promise each and no timer', async () => {
    await using connected = await connect()
    const { client, socket } = connected
    const before = socket.writes
    const { promises, timers, turns } = await countAsyncResources(() =>
      Promise.all(
        Array.from({ length: JOBS }, () => client.submitJob('single', DATA, { background: true })),
      ),
    )
    expect(socket.writes - before).toBeLessThanOrEqual(2)
    // Promise.all makes a second one of each.
    expect(promises / JOBS).toBeLessThan(2.1)
    expect(timers).toBeLessThan(10)
    expect(turns).toBeLessThan(JOBS / 2)
  })

  it('sends 1,000 foreground jobs of one turn in two writes at most, with one promise each', async () => {
    await using connected = await connect()
    const { client, socket } = connected
    const before = socket.writes
    const left = new AbortController()
    const options = { signal: left.signal }
    let calls: Promise<unknown>[] = []
    const { promises } = await countAsyncResources(async () => {
      calls = Array.from({ length: JOBS }, () => client.do('nobody', DATA, options))
    })
    await accepted(socket, JOBS)
    left.abort()
    await Promise.allSettled(calls)
    expect(socket.writes - before).toBeLessThanOrEqual(2)
    expect(promises / JOBS).toBeLessThan(1.1)
  })

  async function connect(): Promise<
    AsyncDisposable & { readonly client: GearmanClient; readonly socket: SocketCosts }
  > {
    const sockets = watchSockets(backend.port)
    const client = new GearmanClient(backend.address)
    await client.submitJob('warm-up', DATA, { background: true })
    const socket = sockets.all.find(({ isDialled }) => isDialled)
    if (socket === undefined) throw new Error('the client has no socket')
    return { client, socket, [Symbol.asyncDispose]: () => client.shutdown() }
  }
})

describe('the memory of a client', () => {
  it('keeps 1,000 bytes for a pending job at most', async () => {
    const PENDING = 10_000
    const server = await startCliServer()
    const sockets = watchSockets(server.port)
    await using client = new GearmanClient([[server.host, server.port]])
    await client.submitJob('warm-up', DATA, { background: true })
    const [socket] = sockets.all
    if (socket === undefined) throw new Error('the client has no socket')
    const before = keptBytes()
    const calls = Array.from({ length: PENDING }, () => client.do('nobody', DATA))
    const settled = Promise.allSettled(calls)
    await accepted(socket, PENDING)
    expect((keptBytes() - before) / PENDING).toBeLessThan(1000)
    await client.shutdown()
    await settled
  })
})

/** Resolves when so many foreground jobs were accepted, besides the one that the client began with. */
async function accepted(socket: SocketCosts, jobs: number): Promise<void> {
  while (socket.received('JOB_CREATED') < jobs + 1) {
    await new Promise((resolve) => setImmediate(resolve))
  }
}
