/** What a job costs a worker, counted instead of timed: the same on any machine. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { GearmanClient, GearmanWorker } from 'gearman-sdk'
import { expect, it } from 'vitest'
import type { PacketName } from '../../../src/protocol/packets.ts'
import { countAsyncResources } from '../../helpers/async-costs.ts'
import { describeBackends } from '../../helpers/backends.ts'
import { type SocketCosts, watchSockets } from '../../helpers/socket-costs.ts'

const JOBS = 2000
const CONCURRENCY = 64

describeBackends('the costs of a worker', (backend) => {
  it('works 2,000 queued jobs off in 250 writes at most, with fewer promises than jobs', async () => {
    await using client = new GearmanClient(backend.address)
    const jobs = Array.from({ length: JOBS }, () => ({ task: 'drain', data: 'x', unique: '' }))
    await client.submitMultipleJobs(jobs, { background: true })

    const sockets = watchSockets(backend.port)
    await using worker = new GearmanWorker(backend.address, { concurrency: CONCURRENCY })
    worker.registerTask('drain', () => undefined)
    const sent = (name: PacketName): number => workerSocket(sockets.all)?.sent(name) ?? 0
    const { promises } = await countAsyncResources(async () => {
      work(worker)
      await untilSo(() => sent('WORK_COMPLETE') === JOBS)
    })
    await untilSo(() => sent('PRE_SLEEP') > 0)

    const socket = workerSocket(sockets.all)
    expect(socket?.writes).toBeLessThanOrEqual(JOBS / 8)
    expect(promises).toBeLessThan(JOBS)
    // Grabs that were under way when the queue was empty.
    expect(socket?.received('NO_JOB')).toBeLessThanOrEqual(2 * CONCURRENCY)
  })

  it('makes no storm of NO_JOB where fewer jobs are in flight than it could take', async () => {
    const sockets = watchSockets(backend.port)
    await using worker = new GearmanWorker(backend.address, { concurrency: CONCURRENCY })
    worker.registerTask('echo', (_worker, job) => job.data)
    work(worker)
    await using client = new GearmanClient(backend.address)
    await closedLoop(client, 10)

    const socket = workerSocket(sockets.all)
    expect(socket?.sent('WORK_COMPLETE')).toBe(JOBS)
    expect(socket?.received('NO_JOB')).toBeLessThanOrEqual(4 * JOBS)
    expect(socket?.writes).toBeLessThanOrEqual(2 * JOBS)
  })

  it('makes two writes for a job that comes alone', async () => {
    const sockets = watchSockets(backend.port)
    await using worker = new GearmanWorker(backend.address)
    worker.registerTask('echo', (_worker, job) => job.data)
    work(worker)
    await using client = new GearmanClient(backend.address)
    // Alone is who finds the worker asleep: others may be there before its last grab is answered.
    const sleeps = (): number => workerSocket(sockets.all)?.sent('PRE_SLEEP') ?? 0
    while (sleeps() === 0) await nextTurn()
    for (let job = 0; job < JOBS; job += 1) {
      const before = sleeps()
      await client.do('echo', 'x')
      while (sleeps() === before) await nextTurn()
    }

    const socket = workerSocket(sockets.all)
    // Grab, then result and sleep; some more at the start, and when it tries whether more jobs wait.
    expect(socket?.writes).toBeLessThanOrEqual(2 * JOBS + JOBS / 8)
    expect(socket?.received('NO_JOB')).toBeLessThanOrEqual(JOBS / 8)
  })
})

/** So many jobs in flight until {@link JOBS} are done. */
async function closedLoop(client: GearmanClient, inFlight: number): Promise<void> {
  let left = JOBS
  const loop = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      await client.do('echo', 'x')
    }
  }
  await Promise.all(Array.from({ length: inFlight }, loop))
}

/** Looks again and again, with one promise however often that is: they are counted here. */
function untilSo(isSo: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (isSo()) resolve()
      else setTimeout(look, 5)
    }
    look()
  })
}

function work(worker: GearmanWorker): void {
  worker.work().catch((error: unknown) => {
    throw error
  })
}

function workerSocket(sockets: readonly SocketCosts[]): SocketCosts | undefined {
  return sockets.find((socket) => socket.isDialled && socket.sent('CAN_DO') > 0)
}
