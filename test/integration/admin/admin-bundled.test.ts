/** The calls that only the bundled server answers. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { GearmanAdminClient } from '../../../src/admin/gearman-admin-client.ts'
import { GearmanServer } from '../../../src/server/index.ts'
import { describeWithGearmand, type Gearmand, startGearmand } from '../../helpers/gearmand.ts'
import { failOnLeaks } from '../../helpers/leaks.ts'
import { RawPeer } from '../../helpers/raw-peer.ts'

/** Every call of this kind. */
const CALLS: { readonly [name: string]: (admin: GearmanAdminClient) => Promise<unknown> } = {
  listFunctions: (admin) => admin.listFunctions(),
  listJobs: (admin) => admin.listJobs('task'),
  pauseFunction: (admin) => admin.pauseFunction('task'),
  resumeFunction: (admin) => admin.resumeFunction('task'),
  purgeFunction: (admin) => admin.purgeFunction('task'),
  kickFunction: (admin) => admin.kickFunction('task'),
  kickJob: (admin) => admin.kickJob('H:a:1'),
  getFailedJobs: (admin) => admin.getFailedJobs(),
  requeueFailedJobs: (admin) => admin.requeueFailedJobs('all'),
  purgeFailedJobs: (admin) => admin.purgeFailedJobs('all'),
}

describe('an admin client of the bundled server', () => {
  failOnLeaks()
  let server: GearmanServer
  let admin: GearmanAdminClient
  let peer: RawPeer

  beforeEach(async () => {
    server = new GearmanServer({ port: 0 })
    const { port } = await server.listen()
    admin = new GearmanAdminClient(`127.0.0.1:${port}`)
    peer = await RawPeer.connect(port)
  })

  afterEach(async () => {
    peer.destroy()
    await admin.shutdown()
    await server.close()
  })

  it('reads the limits of tasks, and gives them back as they are', async () => {
    await admin.createFunction('task')
    await admin.sendMaxqueue('task', { high: 3, low: 1 })
    const [details] = await admin.listFunctions()
    expect(details).toEqual({
      ...{ task: 'task', paused: false, waiting: 0, delayed: 0, running: 0, workers: 0 },
      maxqueue: { high: 3, normal: undefined, low: 1 },
    })
    await admin.sendMaxqueue('task', details?.maxqueue)
    expect(await admin.listFunctions()).toEqual([details])
  })

  it('pauses and resumes a task', async () => {
    peer.send('CAN_DO', 'task')
    peer.send('PRE_SLEEP')
    await peer.sync()
    await admin.pauseFunction('task')
    expect(await admin.listFunctions()).toMatchObject([{ task: 'task', paused: true }])
    peer.send('SUBMIT_JOB_BG', 'task', '', 'x')
    await peer.expect('JOB_CREATED')
    peer.send('GRAB_JOB')
    await peer.expect('NO_JOB')
    peer.send('PRE_SLEEP')
    await peer.sync()
    await admin.resumeFunction('task')
    await peer.expect('NOOP')
    peer.send('GRAB_JOB')
    await peer.expect('JOB_ASSIGN')
  })

  it('lists, kicks and purges the jobs of a task', async () => {
    const runAt = Math.floor(Date.now() / 1000) + 3600
    peer.send('SUBMIT_JOB_HIGH', 'task', 'u', 'first')
    peer.send('SUBMIT_JOB_EPOCH', 'task', 'with space', String(runAt), 'second')
    const handles = [await peer.expect('JOB_CREATED'), await peer.expect('JOB_CREATED')].flat()
    const [first = '', second = ''] = handles
    peer.send('CAN_DO', 'task')
    peer.send('GRAB_JOB')
    await peer.expect('JOB_ASSIGN')
    const own = (await admin.getWorkers()).find(({ tasks }) => tasks.includes('task'))
    const rows = await admin.listJobs('task')
    expect(rows).toEqual([
      {
        ...{ handle: first, unique: 'u', state: 'running', priority: 'high', background: false },
        ...{ clients: 1, age: expect.any(Number), retries: 0, bytes: 5 },
        ...{ runAt: undefined, worker: own?.fileDescriptor },
      },
      {
        ...{ handle: second, unique: 'with space', state: 'delayed', priority: 'normal' },
        ...{ background: true, clients: 0, age: expect.any(Number), retries: 0, bytes: 6 },
        ...{ runAt: runAt * 1000, worker: undefined },
      },
    ])
    expect(await admin.listJobs('task', 1)).toMatchObject([{ handle: first }])
    expect(await admin.kickJob(second)).toBe(true)
    expect(await admin.kickJob(second)).toBe(false)
    expect(await admin.kickFunction('task', 5)).toBe(0)
    expect(await admin.purgeFunction('task')).toBe(1)
    expect(await admin.listJobs('task')).toMatchObject([{ handle: first }])
  })

  it('is told when the server has no such task or job', async () => {
    const ofTasks = ['listJobs', 'pauseFunction', 'resumeFunction', 'purgeFunction', 'kickFunction']
    const { kickJob } = CALLS
    for (const [, call] of Object.entries(CALLS).filter(([name]) => ofTasks.includes(name))) {
      await expect(call(admin)).rejects.toMatchObject({ serverCode: 'UNKNOWN_FUNCTION' })
    }
    await expect(kickJob?.(admin)).rejects.toMatchObject({ serverCode: 'UNKNOWN_JOB' })
  })
})

describeWithGearmand('an admin client of gearmand', () => {
  let gearmand: Gearmand
  let admin: GearmanAdminClient

  beforeEach(async () => {
    gearmand = await startGearmand()
    admin = new GearmanAdminClient(`127.0.0.1:${gearmand.port}`)
  })

  afterEach(async () => {
    await admin.shutdown()
    await gearmand.stop()
  })

  it.each(Object.entries(CALLS))('learns that it does not know %s', async (_name, call) => {
    const refused = call(admin)
    await expect(refused).rejects.toMatchObject({
      code: 'ERR_GEARMAN_SERVER',
      serverCode: 'UNKNOWN_COMMAND',
    })
    expect(await admin.getPid()).toBe(gearmand.pid)
  })
})
