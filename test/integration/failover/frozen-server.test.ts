import { fileURLToPath } from 'node:url'
import { TestServerProcess } from 'gearman-sdk/testing'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { placeByHash } from '../../../src/connection/server-selection.ts'
import { ExceededConnectionAttempts, type GearmanClient } from '../../../src/index.ts'
import { newTask, untilState, useClient, useWorker } from '../../helpers/fixtures.ts'
import {
  describeWithGearmand,
  endingWithThisProcess,
  findFreePort,
  startGearmand,
} from '../../helpers/gearmand.ts'
import { failOnLeaks } from '../../helpers/leaks.ts'

/** A server in a process of its own. */
interface ServerProcess {
  readonly port: number
  signal(name: NodeJS.Signals): void
  stop(signal: NodeJS.Signals): Promise<void>
}

interface Pair {
  readonly frozen: ServerProcess
  readonly good: ServerProcess
  readonly addresses: readonly [frozen: string, good: string]
}

/**
 * Long enough for the server that is not frozen, on a machine that stalls for seconds. What must end within them gets
 * several times as much: without them it would not end at all.
 */
const CONNECT_TIMEOUT = 4000
const HEARTBEAT = { heartbeatInterval: 500, heartbeatTimeout: 4000 }
const SLACK = 5
const START_TIMEOUT_MS = 90_000

const COMMAND = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url))

async function startBundled(): Promise<ServerProcess> {
  const [command = '', ...before] = endingWithThisProcess(process.execPath)
  const program = [...before, '--import', 'tsx', COMMAND, 'server']
  return await TestServerProcess.start({
    command,
    args: (port) => [...program, `--port=${port}`],
    // On a port that it finds by itself it gives a program 15 s.
    port: await findFreePort(),
    readyTimeout: START_TIMEOUT_MS,
  })
}

const suites = [
  { name: 'bundled servers', describeThem: describe, start: startBundled },
  { name: 'gearmands', describeThem: describeWithGearmand, start: startGearmand },
]

for (const { name, describeThem, start } of suites) {
  describeThem(`one frozen server of two ${name}`, () => {
    failOnLeaks()

    let pair: Pair
    beforeAll(async () => {
      const [frozen, good] = await Promise.all([start(), start()])
      const addresses = [`127.0.0.1:${frozen.port}`, `127.0.0.1:${good.port}`] as const
      pair = { frozen, good, addresses }
    }, 2 * START_TIMEOUT_MS)
    afterEach(() => {
      for (const server of [pair.frozen, pair.good]) server.signal('SIGCONT')
    })
    afterAll(() => Promise.all([pair.frozen, pair.good].map((server) => server.stop('SIGKILL'))))

    function useImpatientClient(): GearmanClient {
      return useClient(pair.addresses, { connectTimeout: CONNECT_TIMEOUT, ...HEARTBEAT })
    }

    /** A unique id whose job belongs to the server that is frozen. */
    function uniqueOf(task: string): string {
      const [frozen, good] = pair.addresses
      const servers = [frozen, good].map((server) => ({ server, weight: 1 }))
      for (let count = 0; ; count += 1) {
        if (placeByHash(servers, `u${count}`, task)?.server === frozen) return `u${count}`
      }
    }

    /** @returns its milliseconds */
    async function timed(work: Promise<unknown>): Promise<number> {
      const startedAtMs = performance.now()
      await work
      return performance.now() - startedAtMs
    }

    test('before its connection is ready: the call ends on the other one, without using an attempt', async () => {
      const task = newTask()
      await useWorker(pair.good, { [task]: () => 'done' })
      pair.frozen.signal('SIGSTOP')
      const client = useImpatientClient()
      const expected = { state: 'COMPLETE', delivery: 'accepted', connectionAttempts: 1 }
      const job = { connection: { server: pair.addresses[1] } }
      // Any server will do: the one that answers first.
      expect(await client.submitJob(task, 'x')).toMatchObject({ ...expected, job })
      // The frozen one is where its equals go: it is waited for, as long as a connect may take.
      const late = useImpatientClient()
      const submitted = late.submitJob(task, 'x', { unique: uniqueOf(task) })
      expect(await timed(submitted)).toBeLessThan(SLACK * CONNECT_TIMEOUT)
      expect(await submitted).toMatchObject({ ...expected, job })
      expect(late.connections[0]?.lastError?.message).toContain(`within ${CONNECT_TIMEOUT} ms`)
    })

    describe('after its connection is ready', () => {
      const within = SLACK * (HEARTBEAT.heartbeatInterval + HEARTBEAT.heartbeatTimeout)

      async function freezeLater(): Promise<{
        client: GearmanClient
        task: string
        unique: string
      }> {
        const task = newTask()
        await useWorker(pair.good, { [task]: () => 'done' })
        const client = useImpatientClient()
        await client.ready({ all: true, pollTimeout: 30_000 })
        pair.frozen.signal('SIGSTOP')
        return { client, task, unique: uniqueOf(task) }
      }

      test('the call ends as unknown', async () => {
        const { client, task, unique } = await freezeLater()
        const submitted = client.submitJob(task, 'x', { unique })
        expect(await timed(submitted)).toBeLessThan(within)
        expect(await submitted).toMatchObject({
          ...{ state: 'UNKNOWN', delivery: 'unknown', timedOut: false, connectionAttempts: 1 },
          error: undefined,
        })
      })

      test.each([{ maxRetries: 1 }, { idempotent: true }])(
        'or on the other one with %j',
        async (options) => {
          const { client, task, unique } = await freezeLater()
          const submitted = client.submitJob(task, 'x', { unique, ...options })
          expect(await timed(submitted)).toBeLessThan(within)
          expect(await submitted).toMatchObject({
            ...{ state: 'COMPLETE', connectionAttempts: 2, error: undefined },
            job: { connection: { server: pair.addresses[1] } },
          })
        },
      )

      test('a job that it had accepted ends as unknown, or runs on the other one when it is idempotent', async () => {
        const task = newTask()
        const client = useImpatientClient()
        await client.ready({ all: true, pollTimeout: 30_000 })
        const unique = uniqueOf(task)
        const options = { unique, waitUntilComplete: false }
        const request = await client.submitJob(task, 'x', options)
        const repeatable = await client.submitJob(task, 'y', { ...options, idempotent: true })
        await useWorker(pair.good, { [task]: () => 'done' })
        pair.frozen.signal('SIGSTOP')
        expect(await timed(client.waitUntilJobsCompleted([request]))).toBeLessThan(within)
        expect(request).toMatchObject({ state: 'UNKNOWN', delivery: 'accepted', timedOut: false })
        await client.waitUntilJobsCompleted([repeatable])
        expect(repeatable).toMatchObject({ state: 'COMPLETE', connectionAttempts: 2 })
      })

      test('the call ends in its own time when that is shorter', async () => {
        const { client, task, unique } = await freezeLater()
        const limits = { unique, maxRetries: 5, pollTimeout: 20 }
        expect(await client.submitJob(task, 'x', limits)).toMatchObject({
          ...{ state: 'PENDING', delivery: 'unknown', timedOut: true, connectionAttempts: 1 },
        })
      })

      test('it is used again when it goes on', async () => {
        const { client, task, unique } = await freezeLater()
        const [connection] = client.connectionList
        if (connection === undefined) throw new Error('there are two')
        await untilState(client, connection, 'failed')
        pair.frozen.signal('SIGCONT')
        await client.ready({ all: true, pollTimeout: 30_000 })
        const background = { unique, background: true } as const
        const request = await client.submitJob(task, 'x', background)
        expect(request.job.connection?.server).toBe(pair.addresses[0])
      })
    })

    test('and both frozen: the call ends when each was tried, or in its own time', async () => {
      const task = newTask()
      const client = useImpatientClient()
      await client.ready({ all: true, pollTimeout: 30_000 })
      for (const server of [pair.frozen, pair.good]) server.signal('SIGSTOP')
      const [request] = await client.submitMultipleJobs([{ task, data: 'x', maxRetries: 1 }])
      expect(request).toMatchObject({ state: 'UNKNOWN', delivery: 'unknown', timedOut: false })
      // Lost on both, or not to be sent again because none answers.
      expect([ExceededConnectionAttempts.name, 'JobLostError']).toContain(request?.error?.name)
    })
  })
}
