import type { StoredJob } from 'gearman-sdk/server'
import { describe, expect, it } from 'vitest'
import { GearmandExport } from '../../../../src/server/stores/gearmand-export.ts'

function job(fields: Partial<StoredJob> = {}): StoredJob {
  return {
    key: 1,
    functionName: 'resize',
    unique: 'cat',
    reducer: '',
    priority: 2,
    data: Buffer.from('photo'),
    runAtEpochSeconds: 0,
    acceptedAtMs: 1,
    retries: 0,
    ...fields,
  }
}

describe('an export to gearmand', () => {
  it('takes what gearmand can hold as it is', () => {
    const exported = new GearmandExport()
    const row = exported.take(job({ runAtEpochSeconds: 9_000_000_000 }), { canDelay: true })
    expect(row).toEqual({
      functionName: 'resize',
      unique: 'cat',
      priority: 2,
      data: Buffer.from('photo'),
      runAtEpochSeconds: 9_000_000_000,
    })
    expect(exported.report('table q')).toEqual({
      place: 'table q',
      moved: 1,
      changed: [],
      kept: [],
    })
  })

  it.each(['', '-'])('gives each job with the unique id %j one of its own', (unique) => {
    const exported = new GearmandExport()
    const [first, second] = [job({ unique }), job({ unique })].map((one) =>
      exported.take(one, { canDelay: true }),
    )
    expect(first?.unique).toMatch(/^[0-9a-f]{32}$/)
    expect(second?.unique).not.toBe(first?.unique)
    expect(exported.report('').changed).toEqual([
      { jobs: 2, reason: 'got a unique id: gearmand keeps one job of a task without' },
    ])
  })

  it('tells that the count of lost workers is gone', () => {
    const exported = new GearmandExport()
    expect(exported.take(job({ retries: 2 }), { canDelay: true })).toBeDefined()
    expect(exported.report('').changed).toMatchObject([{ jobs: 1 }])
  })

  it.each([
    ['a reducer', { reducer: 'sum' }, true, 'have a reducer, which gearmand does not keep'],
    [
      'a long unique id',
      { unique: 'u'.repeat(64) },
      true,
      'have a unique id too long for gearmand',
    ],
    [
      'a long name',
      { functionName: 'f'.repeat(8193) },
      true,
      'have a task name too long for gearmand',
    ],
    ['a time', { runAtEpochSeconds: 1 }, false, 'have a time to run, which gearmand does not keep'],
    ['the key of another', {}, true, 'have the task and unique id of another one'],
  ])('leaves a job with %s', (_what, fields, canDelay, reason) => {
    const exported = new GearmandExport()
    exported.take(job(), { canDelay })
    expect(exported.take(job(fields), { canDelay })).toBeUndefined()
    expect(exported.report('')).toMatchObject({ moved: 1, kept: [{ jobs: 1, reason }] })
  })
})
