import { describe, expect, it } from 'vitest'
import { GearmanAdminClient } from '../../../src/admin/gearman-admin-client.ts'
import { GearmanConnectionManager } from '../../../src/connection/connection-manager.ts'
import { InvalidAdminClientState, InvalidArgumentError } from '../../../src/errors.ts'

const serverOf = (admin: GearmanAdminClient): (string | undefined)[] =>
  admin.connectionList.map(({ server }) => server)

describe('the server of an admin client', () => {
  it('is the one of its list', () => {
    expect(serverOf(new GearmanAdminClient('a:1'))).toEqual(['a:1'])
    expect(serverOf(new GearmanAdminClient(['a']))).toEqual(['a:4730'])
    expect(serverOf(new GearmanAdminClient(['a', 7]))).toEqual(['a:7'])
    expect(serverOf(new GearmanAdminClient({ host: '::1', port: 7 }))).toEqual(['[::1]:7'])
  })

  it('is picked with `server` when there are several, in any form', () => {
    expect(serverOf(new GearmanAdminClient('a:1,b:2', { server: 'b:2' }))).toEqual(['b:2'])
    expect(serverOf(new GearmanAdminClient('a:1,b', { server: ['b', 4730] }))).toEqual(['b:4730'])
    const manager = new GearmanConnectionManager(['a:1', '[::1]:2'])
    expect(serverOf(new GearmanAdminClient(manager, { server: { host: '::1', port: 2 } }))).toEqual(
      ['[::1]:2'],
    )
  })

  it('must be named when there are several, and must be one of them', () => {
    expect(() => new GearmanAdminClient('a:1,b:2')).toThrow(/^server must be given.*a:1, b:2/)
    expect(() => new GearmanAdminClient(['a:1', 'b:2'])).toThrow(InvalidArgumentError)
    const manager = new GearmanConnectionManager(['a:1', 'b:2'])
    expect(() => new GearmanAdminClient(manager)).toThrow(InvalidArgumentError)
    expect(() => new GearmanAdminClient(manager, { server: 'c:3' })).toThrow(
      'server must be one of a:1, b:2, not c:3',
    )
  })

  it('is the only one of a manager', () => {
    expect(serverOf(new GearmanAdminClient(new GearmanConnectionManager('a:1')))).toEqual(['a:1'])
  })

  it('brings no options of the connection beside a manager', () => {
    const manager = new GearmanConnectionManager('a:1')
    expect(() => new GearmanAdminClient(manager, { pollTimeout: 5 })).not.toThrow()
    expect(() => new GearmanAdminClient(manager, { connectTimeout: 5 })).toThrow(
      'connectTimeout is an option of the manager that is shared',
    )
  })

  it('stays the one it is', () => {
    const admin = new GearmanAdminClient('a:1')
    expect(() => admin.addConnection()).toThrow(InvalidAdminClientState)
  })

  it('is refused in a form that is none', () => {
    expect(() => new GearmanAdminClient([])).toThrow(InvalidArgumentError)
    expect(() => new GearmanAdminClient('a:99999')).toThrow(InvalidArgumentError)
    expect(() => new GearmanAdminClient(7 as never)).toThrow(InvalidArgumentError)
    expect(() => new GearmanAdminClient('a', { pollTimeout: -1 })).toThrow(InvalidArgumentError)
    expect(() => new GearmanAdminClient('a', { connectTimeout: -1 })).toThrow(InvalidArgumentError)
  })
})

describe('arguments that no call can be made with', () => {
  // Nothing listens here, and nothing is dialled.
  const admin = new GearmanAdminClient('127.0.0.1:1')
  const words = ['', 'a b', 'a\tb', 'a\n', 'a\0', 'x'.repeat(513), 7 as never, undefined as never]

  it.each(words)('refuse the task %j', async (task) => {
    const refused = { code: 'ERR_GEARMAN_INVALID_ARGUMENT', argument: 'task' }
    await expect(admin.createFunction(task)).rejects.toMatchObject(refused)
    await expect(admin.dropFunction(task)).rejects.toMatchObject(refused)
    await expect(admin.sendMaxqueue(task, 1)).rejects.toMatchObject(refused)
    await expect(admin.listJobs(task)).rejects.toMatchObject(refused)
    await expect(admin.pauseFunction(task)).rejects.toMatchObject(refused)
    await expect(admin.resumeFunction(task)).rejects.toMatchObject(refused)
    await expect(admin.purgeFunction(task)).rejects.toMatchObject(refused)
    await expect(admin.kickFunction(task)).rejects.toMatchObject(refused)
  })

  it.each([...words, 'H'.repeat(64)])('refuse the handle %j', async (handle) => {
    await expect(admin.cancelJob(handle)).rejects.toMatchObject({ argument: 'handle' })
    await expect(admin.kickJob(handle)).rejects.toMatchObject({ argument: 'handle' })
  })

  it('refuse sizes and timeouts out of range', async () => {
    await expect(admin.sendMaxqueue('a', 0)).rejects.toMatchObject({ argument: 'maxSize' })
    await expect(admin.sendMaxqueue('a', { low: -1 })).rejects.toMatchObject({
      argument: 'maxSize.low',
    })
    await expect(admin.listJobs('a', 0)).rejects.toMatchObject({ argument: 'limit' })
    await expect(admin.kickFunction('a', 1.5)).rejects.toMatchObject({ argument: 'count' })
    await expect(admin.getStatus({ pollTimeout: -1 })).rejects.toMatchObject({
      argument: 'pollTimeout',
    })
    await expect(admin.pingServer({ signal: 5 as never })).rejects.toMatchObject({
      argument: 'signal',
    })
  })

  it('leave the server undialled', () => {
    expect(admin.connectionList[0]?.state).toBe('idle')
  })
})

describe('a call that comes too late', () => {
  it('rejects after shutdown, which may be called again', async () => {
    const admin = new GearmanAdminClient('127.0.0.1:1')
    await admin.shutdown()
    await admin.shutdown()
    await expect(admin.getStatus()).rejects.toThrow(InvalidAdminClientState)
    await expect(admin.pingServer()).rejects.toThrow(InvalidAdminClientState)
  })

  it('rejects after the manager that it shares was closed', async () => {
    const manager = new GearmanConnectionManager('127.0.0.1:1')
    const admin = new GearmanAdminClient(manager)
    await manager.shutdown()
    await expect(admin.getVersion()).rejects.toThrow(InvalidAdminClientState)
  })

  it('rejects with the reason of a signal that has aborted, without dialling', async () => {
    const admin = new GearmanAdminClient('127.0.0.1:1')
    const reason = new Error('enough')
    await expect(admin.getVersion({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(admin.connectionList[0]?.state).toBe('idle')
  })
})
