/** Every admin call, against the bundled server and against a real gearmand. */

import { afterEach, beforeEach, expect, it } from 'vitest'
import { GearmanAdminClient } from '../../../src/admin/gearman-admin-client.ts'
import { GearmanConnectionManager } from '../../../src/connection/connection-manager.ts'
import { InvalidAdminClientState, ServerUnavailable } from '../../../src/errors.ts'
import { type AdminBackend, adminBackends } from '../../helpers/admin-backend.ts'
import { RawPeer } from '../../helpers/raw-peer.ts'

for (const { name, describeBackend, start } of adminBackends) {
  describeBackend(`an admin client of ${name}`, () => {
    let backend: AdminBackend
    let admin: GearmanAdminClient
    const peers: RawPeer[] = []

    /** A client or a worker, in the hands of the test. */
    async function connect(): Promise<RawPeer> {
      const peer = await RawPeer.connect(backend.port)
      peers.push(peer)
      return peer
    }

    /** A worker that is registered when this resolves. */
    async function startWorker(id: string, ...tasks: string[]): Promise<RawPeer> {
      const worker = await connect()
      if (id !== '') worker.send('SET_CLIENT_ID', id)
      for (const task of tasks) worker.send('CAN_DO', task)
      await worker.sync()
      return worker
    }

    beforeEach(async () => {
      backend = await start()
      admin = new GearmanAdminClient(backend.address)
    })

    afterEach(async () => {
      for (const peer of peers.splice(0)) peer.destroy()
      await admin.shutdown()
      await backend.stop()
    })

    it('learns which server it is, that it lives and how it logs', async () => {
      expect(await admin.getVersion()).toBe(backend.version)
      expect(await admin.getPid()).toBe(backend.pid)
      expect(await admin.getVerbose()).toBe('ERROR')
      const roundTripMs = await admin.pingServer()
      expect(roundTripMs).toBeGreaterThan(0)
      expect(roundTripMs).toBeLessThan(10_000)
    })

    it('finds an idle server empty, but for its own connection', async () => {
      expect(await admin.getStatus()).toEqual([])
      expect(await admin.getPriorityStatus()).toEqual([])
      expect(await admin.getJobs()).toEqual([])
      expect(await admin.getUniqueJobs()).toEqual([])
      const workers = await admin.getWorkers()
      expect(workers).toContainEqual({
        fileDescriptor: expect.any(Number),
        ip: '127.0.0.1',
        clientId: '-',
        tasks: [],
      })
    })

    it('sees workers with their ids, addresses and tasks (W10)', async () => {
      await startWorker('my worker : 1', 'reverse', 'resize')
      await startWorker('', 'naïve'.replace('ï', '\xc3\xaf'))
      const workers = await admin.getWorkers()
      const withTasks = workers.filter(({ tasks }) => tasks.length > 0)
      expect(withTasks).toHaveLength(2)
      expect(withTasks).toContainEqual(
        expect.objectContaining({
          ip: '127.0.0.1',
          clientId: 'my worker : 1',
          tasks: ['resize', 'reverse'],
        }),
      )
      expect(withTasks).toContainEqual(expect.objectContaining({ clientId: '-', tasks: ['naïve'] }))
      expect(new Set(workers.map(({ fileDescriptor }) => fileDescriptor)).size).toBe(workers.length)
    })

    it('counts what waits, what runs and who works', async () => {
      const worker = await startWorker('', 'count')
      const client = await connect()
      client.send('SUBMIT_JOB_BG', 'count', '', 'x')
      client.send('SUBMIT_JOB_HIGH_BG', 'count', '', 'x')
      client.send('SUBMIT_JOB_HIGH_BG', 'count', '', 'x')
      client.send('SUBMIT_JOB_LOW_BG', 'count', '', 'x')
      await client.sync()
      worker.send('GRAB_JOB')
      await worker.expect('JOB_ASSIGN')
      expect(await admin.getStatus()).toEqual([
        { task: 'count', queued: 4, running: 1, workers: 1 },
      ])
      expect(await admin.getPriorityStatus()).toEqual([
        { task: 'count', high: 1, normal: 1, low: 1, workers: 1 },
      ])
    })

    it('lists jobs and their unique ids, whatever those look like', async () => {
      const uniques = ['u-1', '', 'ERR UNKNOWN_JOB', '.', 'with space', 'OK']
      const client = await connect()
      for (const unique of uniques) client.send('SUBMIT_JOB_BG', 'list', unique, 'x')
      client.send('SUBMIT_JOB', 'list', 'waits', 'x')
      const handles: (string | undefined)[] = []
      for (let count = 0; count <= uniques.length; count += 1) {
        handles.push((await client.expect('JOB_CREATED'))[0])
      }
      const jobs = await admin.getJobs()
      expect(jobs.map(({ handle }) => handle).sort()).toEqual(handles.sort())
      for (const job of jobs) expect(job).toMatchObject({ retries: 0, ignored: false })
      expect(jobs.filter(({ queued }) => queued)).toHaveLength(uniques.length)
      const listed = (await admin.getUniqueJobs()).map(({ unique }) => unique)
      expect(listed.sort()).toEqual([...uniques, 'waits'].sort())
    })

    it('cancels a job that waits: its client is told that it failed', async () => {
      const client = await connect()
      client.send('SUBMIT_JOB', 'cancel', '', 'x')
      const [handle = ''] = await client.expect('JOB_CREATED')
      await admin.cancelJob(handle)
      expect(await client.expect('WORK_FAIL')).toEqual([handle])
    })

    it('is told when there is no such job', async () => {
      await expect(admin.cancelJob('H:nowhere:1')).rejects.toMatchObject({
        code: 'ERR_GEARMAN_SERVER',
        serverCode: 'UNKNOWN_JOB',
        server: backend.address,
      })
    })

    it('creates a task, again and again, and drops it in any case of letters', async () => {
      await admin.createFunction('alpha')
      await admin.createFunction('alpha')
      await admin.createFunction('ALPHA')
      const tasks = (await admin.getStatus()).map(({ task }) => task)
      expect(tasks.sort()).toEqual(['ALPHA', 'alpha'])
      // Two lines answer this: they must not be taken for the answers to what comes behind.
      const [, status, version] = await Promise.all([
        admin.dropFunction('Alpha'),
        admin.getStatus(),
        admin.getVersion(),
      ])
      expect(status).toEqual([])
      expect(version).toBe(backend.version)
    })

    it('cannot drop a task that is not there, or that a worker can do', async () => {
      await startWorker('', 'busy')
      await expect(admin.dropFunction('nothing')).rejects.toMatchObject({
        serverText: 'function not found',
      })
      await expect(admin.dropFunction('busy')).rejects.toMatchObject({
        serverText: 'there are still connected workers or executing clients',
      })
      expect(await admin.getStatus()).toMatchObject([{ task: 'busy', workers: 1 }])
    })

    it('limits how many jobs there may be, for all or by priority, and takes the limit back', async () => {
      const client = await connect()
      const isTaken = async (packet: 'SUBMIT_JOB_BG' | 'SUBMIT_JOB_HIGH_BG'): Promise<boolean> => {
        client.send(packet, 'limited', '', 'x')
        const reply = await client.next()
        return reply.kind === 'packet' && reply.name === 'JOB_CREATED'
      }
      await admin.createFunction('limited')
      await admin.sendMaxqueue('limited', 1)
      expect(await isTaken('SUBMIT_JOB_BG')).toBe(true)
      expect(await isTaken('SUBMIT_JOB_BG')).toBe(false)
      await admin.sendMaxqueue('limited', { high: 1 })
      expect(await isTaken('SUBMIT_JOB_HIGH_BG')).toBe(false)
      expect(await isTaken('SUBMIT_JOB_BG')).toBe(true)
      await admin.sendMaxqueue('limited', { high: 3, normal: 2, low: 1 })
      expect(await isTaken('SUBMIT_JOB_BG')).toBe(false)
      expect(await isTaken('SUBMIT_JOB_HIGH_BG')).toBe(true)
      await admin.sendMaxqueue('limited')
      expect(await isTaken('SUBMIT_JOB_HIGH_BG')).toBe(true)
    })

    it('may limit a task that nobody knows, to no effect (W11)', async () => {
      await admin.sendMaxqueue('unknown', 1)
      expect(await admin.getStatus()).toEqual([])
    })

    it('gives each of many calls at once its own answer', async () => {
      await admin.createFunction('one')
      const rounds = Array.from({ length: 100 }, () =>
        Promise.all([
          admin.getVersion(),
          admin.getStatus(),
          admin.pingServer(),
          admin.getUniqueJobs(),
          admin.cancelJob('H:nowhere:1').catch((error: unknown) => error),
          admin.getPid(),
          admin.getJobs(),
        ]),
      )
      for (const answers of await Promise.all(rounds)) {
        expect(answers).toEqual([
          backend.version,
          [{ task: 'one', queued: 0, running: 0, workers: 0 }],
          expect.any(Number),
          [],
          expect.objectContaining({ serverCode: 'UNKNOWN_JOB' }),
          backend.pid,
          [],
        ])
      }
    })

    it('reads a table of a thousand rows', async () => {
      const names = Array.from({ length: 1000 }, (_, index) => `task-${index}`)
      await Promise.all(names.map((task) => admin.createFunction(task)))
      const status = await admin.getStatus()
      expect(status.map(({ task }) => task).sort()).toEqual(names.sort())
    })

    it('goes on in step when callers give up on what was sent', async () => {
      await admin.createFunction('one')
      const controller = new AbortController()
      const { signal } = controller
      const given = [
        admin.getStatus({ signal }),
        admin.getUniqueJobs({ signal }),
        admin.pingServer({ signal }),
        admin.getVersion({ signal }),
        admin.dropFunction('one', { signal }),
      ]
      const kept = Promise.all([admin.getVersion(), admin.getPid(), admin.getStatus()])
      // The calls are written in this turn of the event loop, after the tasks that they wait for.
      await new Promise((resolve) => process.nextTick(resolve))
      const reason = new Error('enough')
      controller.abort(reason)
      for (const call of given) await expect(call).rejects.toBe(reason)
      expect(await kept).toEqual([backend.version, backend.pid, []])
      expect(await admin.getPid()).toBe(backend.pid)
    })

    it('shares a manager with others, and leaves it open', async () => {
      await using manager = new GearmanConnectionManager(['127.0.0.1:1', backend.address])
      const first = new GearmanAdminClient(manager, { server: backend.address })
      const second = new GearmanAdminClient(manager, { server: backend.address })
      expect(await Promise.all([first.getPid(), second.getPid()])).toEqual([
        backend.pid,
        backend.pid,
      ])
      await first.shutdown()
      await expect(first.getPid()).rejects.toThrow(InvalidAdminClientState)
      expect(await second.getPid()).toBe(backend.pid)
      expect(second.connectionList).toHaveLength(1)
    })

    it('finds the server again after it was restarted', async () => {
      await admin.getVersion()
      const [connection] = admin.connectionList
      const lost = stateOf(admin, 'failed')
      await backend.stop()
      await lost
      await expect(admin.getVersion()).rejects.toThrow(ServerUnavailable)
      const found = stateOf(admin, 'ready')
      await backend.restart()
      await found
      expect(await admin.getPid()).toBe(backend.pid)
      expect(admin.connectionList[0]).toBe(connection)
    })

    it('stops a server that still knows how', async () => {
      const server = await start()
      await using own = new GearmanAdminClient(server.address)
      try {
        if (server.obeysShutdown) {
          const lost = stateOf(own, 'failed')
          await own.sendShutdown(false)
          await lost
          await expect(own.getVersion()).rejects.toThrow(ServerUnavailable)
        } else {
          for (const graceful of [true, false]) {
            await expect(own.sendShutdown(graceful)).rejects.toMatchObject({
              code: 'ERR_GEARMAN_SERVER',
              serverCode: 'UNKNOWN_COMMAND',
              serverText: 'Unknown server commandshutdown',
            })
          }
          expect(await own.getPid()).toBe(server.pid)
        }
      } finally {
        await server.stop()
      }
    })
  })
}

/** Resolves when the connection of an admin client gets into a state. */
function stateOf(admin: GearmanAdminClient, state: string): Promise<void> {
  return new Promise((resolve) => {
    const onState = ({ to }: { readonly to: string }): void => {
      if (to !== state) return
      admin.off('state', onState)
      resolve()
    }
    admin.on('state', onState)
  })
}
