/** The table "What became of it" in README.md, row by row; what retries add to it is tested with the client. */

import { setTimeout as sleep } from 'node:timers/promises'
import { type Delivery, GearmanAdminClient, GearmanClient, type JobState } from 'gearman-sdk'
import type { FaultProxy } from 'gearman-sdk/testing'
import { beforeEach, expect, it, onTestFinished } from 'vitest'
import { describeBackends } from '../../helpers/backends.ts'
import { useTcpProxy } from '../../helpers/tcp-proxy.ts'

interface Row {
  readonly state: JobState
  readonly timedOut: boolean
  readonly delivery: Delivery
  readonly error: string | undefined
}

const SOON_MS = 200

describeBackends('what becomes of a request', (backend) => {
  let proxy: FaultProxy
  let client: GearmanClient

  beforeEach(async () => {
    proxy = await useTcpProxy({ port: backend.port })
    client = new GearmanClient(proxy.address)
    onTestFinished(() => client.shutdown())
  })

  it('refused by the server', async () => {
    await using admin = new GearmanAdminClient(backend.address)
    await admin.createFunction('limited')
    await admin.sendMaxqueue('limited', 1)
    const jobs = [1, 2].map((data) => ({ task: 'limited', data: `${data}`, background: true }))
    const [, second] = await client.submitMultipleJobs(jobs)
    const row = { state: 'FAILED', timedOut: false, delivery: 'not-sent', error: 'ServerError' }
    expect(second).toMatchObject(expected(row as Row))
  })

  it('accepted, and not done in time', async () => {
    const request = await client.submitJob('nobody', '', { waitUntilComplete: false })
    await client.waitUntilJobsCompleted([request], { pollTimeout: SOON_MS })
    const row: Row = { state: 'CREATED', timedOut: true, delivery: 'accepted', error: undefined }
    expect(request).toMatchObject(expected(row))
  })

  it('sent, and not accepted in time', async () => {
    await client.submitJob('warm', '', { background: true })
    proxy.freeze()
    const request = await client.submitJob('nobody', '', { pollTimeout: SOON_MS })
    const row: Row = { state: 'PENDING', timedOut: true, delivery: 'unknown', error: undefined }
    expect(request).toMatchObject(expected(row))
  })

  it('lost after it was accepted', async () => {
    const request = await client.submitJob('nobody', '', { waitUntilComplete: false })
    proxy.cut()
    await client.waitUntilJobsCompleted([request])
    const row: Row = { state: 'UNKNOWN', timedOut: false, delivery: 'accepted', error: undefined }
    expect(request).toMatchObject(expected(row))
  })

  it('lost before it was accepted', async () => {
    await client.submitJob('warm', '', { background: true })
    proxy.freeze()
    const submission = client.submitJob('nobody', '')
    await sleep(SOON_MS)
    proxy.cut()
    const row: Row = { state: 'UNKNOWN', timedOut: false, delivery: 'unknown', error: undefined }
    expect(await submission).toMatchObject(expected(row))
  })

  it('not sent, for want of a server', async () => {
    proxy.refuse()
    const [request] = await client.submitMultipleJobs([{ task: 'nobody', data: '' }])
    const row = { state: 'UNKNOWN', timedOut: false, delivery: 'not-sent' } as const
    expect(request).toMatchObject(expected({ ...row, error: 'ServerUnavailable' }))
  })
})

function expected({ error, ...row }: Row): object {
  return error === undefined ? { ...row, error } : { ...row, error: { name: error } }
}
