import { describe, expect, test } from 'vitest'
import { commitBatches } from '../../../../src/server/mysql/commit-batches.ts'
import type { Batch } from '../../../../src/server/mysql/insertions.ts'
import type {
  QueueChanges,
  StoredJob,
  StoredOutcome,
} from '../../../../src/server/stores/queue-store.ts'

const MIB = 1024 * 1024

function jobOf(key: number, data = Buffer.from('data')): StoredJob {
  return {
    key,
    functionName: "it's",
    unique: '\xff',
    reducer: '',
    priority: 1,
    data,
    runAtEpochSeconds: 0,
    acceptedAtMs: 5,
    retries: 0,
  }
}

function outcomeOf(key: number, output: Buffer): StoredOutcome {
  return { job: jobOf(key), kind: 'exception', canRequeue: true, endedAtMs: 6, output }
}

function batches(changes: Partial<QueueChanges>, maxPacketBytes = 16 * MIB): readonly Batch[] {
  const none = { added: [], updated: [], removed: [], highestKey: undefined }
  return [...commitBatches({ ...none, ...changes }, 7, maxPacketBytes)]
}

describe('the statements of a commit', () => {
  test('are one packet, in the order of the contract, with bytes in hexadecimal', () => {
    const changes = {
      added: [jobOf(1), jobOf(2)],
      updated: [
        { key: 1, retries: 3 },
        { key: 5, retries: 1 },
        { key: 2, retries: 3 },
      ],
      removed: [1, 9],
      outcomes: [outcomeOf(9, Buffer.from('no'))],
      forgotten: [3],
      highestKey: 40,
    }
    const [batch, ...more] = batches(changes)
    expect(more).toEqual([])
    expect(batch?.values).toBeUndefined()
    expect(batch?.sql.replaceAll(/REPLACE[^V]*VALUES /g, 'REPLACE ').split(/;?\n/)).toEqual([
      'START TRANSACTION',
      "REPLACE (7,1,x'69742773',x'ff',x'',1,0,5,0,x'64617461'),",
      "(7,2,x'69742773',x'ff',x'',1,0,5,0,x'64617461')",
      'UPDATE gearman_sdk_jobs SET retries = 3 WHERE queue_id = 7 AND job_key IN (1,2)',
      'UPDATE gearman_sdk_jobs SET retries = 1 WHERE queue_id = 7 AND job_key IN (5)',
      'DELETE FROM gearman_sdk_jobs WHERE queue_id = 7 AND job_key IN (1,9)',
      "REPLACE (7,9,x'69742773',x'ff',x'',1,0,5,0,x'64617461',x'657863657074696f6e',1,6,x'6e6f')",
      'DELETE FROM gearman_sdk_outcomes WHERE queue_id = 7 AND job_key IN (3)',
      'UPDATE gearman_sdk_queues SET highest_key = 40 WHERE id = 7',
      'COMMIT',
    ])
  })

  test('no packet is larger than the database takes, however many jobs there are', () => {
    const maxPacketBytes = 64 * 1024
    const added = Array.from({ length: 3000 }, (_, index) => jobOf(index + 1, Buffer.alloc(100)))
    const removed = added.map(({ key }) => key)
    const found = batches({ added, removed }, maxPacketBytes)
    expect(Math.max(...found.map(({ sql }) => sql.length))).toBeLessThan(maxPacketBytes)
    const sql = found.map((batch) => batch.sql).join('\n')
    for (const key of [1, 1500, 3000]) expect(sql).toContain(`(7,${key},x'`)
    expect(sql.match(/DELETE/g)).toHaveLength(6)
    expect(sql.startsWith('START TRANSACTION') && sql.endsWith('COMMIT')).toBe(true)
  })

  test('a large job goes by itself and as it is, between those before and after it', () => {
    const large = jobOf(2, Buffer.alloc(MIB))
    const found = batches({ added: [jobOf(1), large, jobOf(3)] })
    expect(found).toHaveLength(3)
    expect(found[0]?.sql).toMatch(/^START TRANSACTION;.*\(7,1,/s)
    expect(found[1]?.values?.slice(0, 2)).toEqual(['7', '2'])
    expect(found[1]?.values?.at(-1)).toBe(large.data)
    expect(found[2]?.sql).toMatch(/\(7,3,.*COMMIT$/s)
  })

  test('a large output goes after its job, so that no packet holds both', () => {
    const output = Buffer.alloc(MIB)
    const found = batches({ outcomes: [outcomeOf(1, output), outcomeOf(2, Buffer.alloc(0))] })
    expect(found).toHaveLength(4)
    expect(found[1]?.values?.slice(-2)).toEqual(['6', Buffer.alloc(0)])
    expect(found[2]?.values?.[0]).toBe(output)
    expect(found[2]?.values?.slice(1)).toEqual(['7', '1'])
    expect(found[3]?.sql).toMatch(/\(7,2,.*COMMIT$/s)
  })

  test('what is no number never gets into a statement', () => {
    const removed = ['1) OR (1=1'] as unknown as number[]
    expect(() => batches({ removed })).toThrow('no whole number')
  })
})
