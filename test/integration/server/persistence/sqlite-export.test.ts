import { join } from 'node:path'
import { type QueueStore, SqliteStore, type StoredJob } from 'gearman-sdk/server'
import Database from 'libsql'
import { describe, expect, test } from 'vitest'
import { runCommandLine, startCommand } from '../../../helpers/cli-command.ts'
import { rejectionOf } from '../../../helpers/fixtures.ts'
import { describeWithGearmand, startGearmand } from '../../../helpers/gearmand.ts'
import { RawPeer } from '../../../helpers/raw-peer.ts'
import type { ScriptOptions } from '../../../helpers/run-script.ts'
import { useFolder } from '../../../helpers/temporary-folder.ts'

/** Opens a store as a server does. */
async function openStore(store: QueueStore): Promise<StoredJob[]> {
  await store.open({
    owner: { hostname: 'test', pid: 1, since: new Date() },
    setAside: () => undefined,
    notice: () => undefined,
  })
  const jobs: StoredJob[] = []
  for await (const batch of store.replay()) jobs.push(...batch)
  return jobs
}

async function submit(port: number, ...packets: Parameters<RawPeer['send']>[]): Promise<void> {
  const peer = await RawPeer.connect(port)
  for (const packet of packets) {
    peer.send(...packet)
    await peer.expect('JOB_CREATED')
  }
  peer.destroy()
}

function exportOptions(folder: string): ScriptOptions {
  return { args: ['server', '--data-dir', folder, '--export-queue'] }
}

describeWithGearmand('a queue of ours on its way back', () => {
  test('is run by gearmand: every job, its data, priority, time and bytes', async () => {
    const folder = useFolder()
    const ours = await startCommand({ args: ['server', '-p', '0', '--data-dir', folder] })
    await submit(
      ours.port,
      ['SUBMIT_JOB_LOW_BG', 'f', 'low', 'last'],
      ['SUBMIT_JOB_BG', 'f', 'one', 'da\0ta'],
      ['SUBMIT_JOB_BG', 'f', '', 'without'],
      ['SUBMIT_JOB_BG', 'f', '', ''],
      ['SUBMIT_JOB_BG', 'f', '-', 'by data'],
      ['SUBMIT_JOB_HIGH_BG', 'f', '\xff', '\xfe'],
      ['SUBMIT_JOB_EPOCH', 'later', 'three', '2000000000', 'later'],
      ['SUBMIT_REDUCE_JOB_BACKGROUND', 'f', 'reduced', 'sum', '', 'data'],
    )
    ours.signal('SIGTERM')
    await ours.exited

    const { code, stdout, stderr } = await runCommandLine(exportOptions(folder))
    const path = join(folder, 'gearman.db')
    expect(stderr).toBe('')
    expect(stdout).toBe(
      `sqlite ${path}: 7 jobs were moved to gearmand's table gearman_queue\n` +
        '  of these, 3 got a unique id: gearmand keeps one job of a task without\n' +
        '  not moved: 1 have a reducer, which gearmand does not keep\n',
    )
    expect(code).toBe(0)

    const gearmand = await startGearmand({ args: ['-q', 'libsqlite3', `--libsqlite3-db=${path}`] })
    const worker = await RawPeer.connect(gearmand.port)
    worker.send('CAN_DO', 'f')
    const ran: string[] = []
    for (let index = 0; index < 6; index += 1) {
      worker.send('GRAB_JOB_UNIQ')
      const [handle = '', , unique = '', data = ''] = await worker.expect('JOB_ASSIGN_UNIQ')
      ran.push(`${unique.replace(/^[0-9a-f]{32}$/, 'made up')}: ${data}`)
      worker.send('WORK_COMPLETE', handle, '')
    }
    expect(ran).toEqual([
      '\xff: \xfe',
      'one: da\0ta',
      'made up: without',
      'made up: ',
      'made up: by data',
      'low: last',
    ])
    expect(await worker.sync()).toEqual([]) // gearmand has read the last result, too
    worker.destroy()
    await gearmand.stop()

    // What gearmand did not run, and what it could not hold, is ours again.
    const store = new SqliteStore({ path })
    const left = await openStore(store)
    await store.close()
    expect(left).toMatchObject([
      { unique: 'reduced', reducer: 'sum' },
      { unique: 'three', runAtEpochSeconds: 2_000_000_000 },
    ])
  })
})

describe('an export that cannot be', () => {
  test('a server that has the queue open keeps it', async () => {
    const folder = useFolder()
    const server = await startCommand({ args: ['server', '-p', '0', '--data-dir', folder] })
    const { code, stdout, stderr } = await runCommandLine(exportOptions(folder))
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(
      /^gearman-sdk server: sqlite \S+ cannot be exported: it is in use by .*\n$/,
    )
    expect(stderr).toContain(`process ${server.pid}`)
  })

  test('a table of others is left alone, and so are the jobs', async () => {
    const path = join(useFolder(), 'jobs.db')
    const database = new Database(path)
    database.exec('CREATE TABLE gearman_queue (id INTEGER, name TEXT)')
    database.close()
    const store = new SqliteStore({ path })
    await openStore(store)
    const error = await rejectionOf(store.exportToGearmand())
    expect(error.message).toBe("the table gearman_queue is not gearmand's")
    await store.close()
  })

  test('without a queue there is one line', async () => {
    const args = ['server', '--export-queue']
    const { code, stderr } = await runCommandLine({ args })
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'gearman-sdk server: --export-queue needs a queue: --data-dir or --queue-type\n',
    })
  })
})

test('more jobs than fit into one batch are moved, into a table of an old gearmand too', async () => {
  const path = join(useFolder(), 'jobs.db')
  const database = new Database(path)
  database.exec(
    `CREATE TABLE gearman_queue (unique_key TEXT, function_name TEXT, priority INTEGER, data BLOB,
     PRIMARY KEY (unique_key, function_name))`,
  )
  const store = new SqliteStore({ path })
  await openStore(store)
  const added = Array.from({ length: 2500 }, (_, index) => ({
    key: index + 1,
    functionName: 'f',
    unique: `u${index % 2400}`,
    reducer: '',
    priority: 1 as const,
    data: Buffer.from(`data ${index}`),
    runAtEpochSeconds: 0,
    acceptedAtMs: 1,
    retries: index === 0 ? 1 : 0,
  }))
  await store.commit({ added, updated: [], removed: [], highestKey: 2500 })
  expect(await store.exportToGearmand()).toEqual({
    place: 'table gearman_queue',
    moved: 2400,
    changed: [{ jobs: 1, reason: 'lost the count of workers that were lost with them' }],
    kept: [{ jobs: 100, reason: 'have the task and unique id of another one' }],
  })
  await store.close()
  const count = 'SELECT count(*) AS jobs, sum(when_to_run) AS times FROM gearman_queue'
  expect(database.prepare(count).get([])).toMatchObject({ jobs: 2400, times: 0 })
  database.close()
})
