import { describe, expect, onTestFinished, test } from 'vitest'
import { createDeferred } from '../../../src/core/deferred.ts'
import { GearmanClient, GearmanWorker } from '../../../src/index.ts'
import { TestServer } from '../../../src/testing/index.ts'
import { newTask } from '../../helpers/fixtures.ts'
import { describeWithGearmand, findFreePort, startGearmand } from '../../helpers/gearmand.ts'
import { failOnLeaks } from '../../helpers/leaks.ts'

const CLIENTS = 100

async function startBundled(): Promise<string> {
  const server = await TestServer.start()
  onTestFinished(() => server.kill())
  return server.address
}

async function startReal(): Promise<string> {
  const gearmand = await startGearmand()
  onTestFinished(() => gearmand.stop('SIGKILL'))
  return `${gearmand.host}:${gearmand.port}`
}

const suites = [
  { name: 'bundled servers', describeThem: describe, start: startBundled },
  { name: 'gearmands', describeThem: describeWithGearmand, start: startReal },
]

for (const { name, describeThem, start } of suites) {
  describeThem(`${CLIENTS} clients and three ${name}`, () => {
    failOnLeaks()

    /** Each client submits the same job once; how often it ran, and what they got. */
    async function runOne(servers: readonly string[]): Promise<{ runs: number; got: Set<string> }> {
      const task = newTask()
      const allSubmitted = createDeferred<void>()
      let runs = 0
      const worker = new GearmanWorker(servers, { concurrency: 10 })
      onTestFinished(() => worker.shutdown())
      worker.registerTask(task, async () => {
        runs += 1
        await allSubmitted.promise
        return `result ${runs}`
      })
      void worker.work()
      const clients = Array.from({ length: CLIENTS }, (_, index) => {
        // Each has a list of its own order: that must not matter.
        const list = index % 2 === 0 ? servers : servers.toReversed()
        // A server that a busy machine made late must not count as down for some of them.
        const client = new GearmanClient(list, { connectTimeout: 60_000 })
        onTestFinished(() => client.shutdown())
        return client
      })
      const options = { unique: 'the one', waitUntilComplete: false }
      const requests = await Promise.all(
        clients.map((client) => client.submitJob(task, 'data', options)),
      )
      allSubmitted.resolve()
      await Promise.all(
        clients.map((client, index) =>
          client.waitUntilJobsCompleted(requests.slice(index, index + 1)),
        ),
      )
      expect(new Set(requests.map(({ handle }) => handle)).size).toBe(1)
      expect(new Set(requests.map(({ job }) => job.connection?.server)).size).toBe(1)
      return { runs, got: new Set(requests.map(({ result }) => String(result))) }
    }

    test('run a job that all of them submit with one unique id once, and all get its result', async () => {
      const servers = [await start(), await start(), await start()]
      expect(await runOne(servers)).toEqual({ runs: 1, got: new Set(['result 1']) })
    })

    test('run it once as well while one of the three is down', async () => {
      const servers = [await start(), await start(), `127.0.0.1:${await findFreePort()}`]
      expect(await runOne(servers)).toEqual({ runs: 1, got: new Set(['result 1']) })
    })
  })
}
