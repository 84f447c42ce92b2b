import { TestServer } from 'gearman-sdk/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { GearmanWorker } from '../../../src/index.ts'
import { describeWithGearmand, startGearmand } from '../../helpers/gearmand.ts'
import { failOnLeaks } from '../../helpers/leaks.ts'
import { eventually, ownWorker, runJob, startWork, usePeer } from '../worker/worker-fixture.ts'

failOnLeaks()

const SERVERS = [0, 1, 2]
/** Which servers are up, one after the other: from none to none, through every subset and all ways to change one. */
const SUBSETS: readonly (readonly number[])[] = [
  [],
  [1],
  [1, 2],
  [2],
  [0, 2],
  [0],
  [],
  [0, 1, 2],
  [1],
  [0, 1],
  [],
  [2],
  [0, 1, 2],
  [],
]

/** A server that is stopped, and comes back at its port. */
interface Standing {
  readonly port: number
  start(): Promise<void>
  kill(): Promise<void>
}

/** Takes a worker through all subsets; it begins to work while no server is there. */
async function walk(servers: readonly Standing[]): Promise<void> {
  const worker = ownWorker(
    new GearmanWorker(
      servers.map(({ port }) => `127.0.0.1:${port}`),
      { reconnectMinDelay: 5, reconnectMaxDelay: 50 },
    ),
  )
  worker.registerTask('where', (_worker, job) => `${job.data} at ${job.connection?.port}`)
  worker.registerTask('limited', (_worker, job) => String(job.connection?.port), { concurrency: 1 })
  const working = startWork(worker)
  const isUp = new Set<number>()
  for (const subset of SUBSETS) {
    for (const index of SERVERS) {
      if (subset.includes(index) === isUp.has(index)) continue
      if (isUp.delete(index)) await servers[index]?.kill()
      else {
        isUp.add(index)
        await servers[index]?.start()
      }
    }
    const ports = subset.map((index) => servers[index]?.port ?? 0)
    for (const port of ports) {
      const peer = await usePeer({ port })
      expect(await runJob(peer, 'where', 'done')).toBe(`done at ${port}`)
      expect(await runJob(peer, 'limited')).toBe(String(port))
      peer.destroy()
    }
    await eventually(() => readyPorts(worker), [...ports, ...ports].sort())
  }
  await worker.stop()
  await working
}

/** Where it is connected: once for the task with a limit of its own, once for the other. */
function readyPorts({ connections }: GearmanWorker): number[] {
  return connections
    .filter(({ state }) => state === 'ready')
    .map(({ server }) => Number(server.split(':')[1]))
    .sort()
}

describe('a worker of three bundled servers of which any may be up', () => {
  test('works for those that are there, from none at the start to none at the end', async () => {
    const servers: TestServer[] = []
    for (const _ of SERVERS) {
      const server = await TestServer.start()
      onTestFinished(() => server.kill())
      await server.kill()
      servers.push(server)
    }
    await walk(servers)
  })
})

describeWithGearmand('a worker of three gearmand of which any may be up', () => {
  test('works for those that are there, from none at the start to none at the end', async () => {
    const servers: Standing[] = []
    for (const _ of SERVERS) {
      const gearmand = await startGearmand()
      onTestFinished(() => gearmand.stop('SIGKILL'))
      await gearmand.stop('SIGKILL')
      const { port } = gearmand
      servers.push({
        port,
        start: () => gearmand.start(),
        kill: () => gearmand.stop('SIGKILL'),
      })
    }
    await walk(servers)
  })
})
