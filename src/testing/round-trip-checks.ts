import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { StoredJob } from '../server/index.ts'
import { Inapplicable, type StoreCheck } from './store-check.ts'
import { assertJobs, jobOf } from './store-run.ts'

const MIB = 1024 * 1024
const EVERY_BYTE = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
/** A name and an id hold no NUL: the protocol ends them with one. */
const EVERY_NAME_BYTE = EVERY_BYTE.subarray(1).toString('latin1')

function roundTrip(name: string, jobs: () => readonly StoredJob[]): StoreCheck {
  return {
    name,
    check: async (run) => {
      const added = jobs()
      await run.write({ added })
      assertJobs((await run.stored()).jobs, added)
    },
  }
}

function payload(name: string, bytes: number): StoreCheck {
  return {
    name,
    check: async (run) => {
      const opened = await run.start()
      const fits = bytes <= (opened.maxDataBytes ?? Number.POSITIVE_INFINITY)
      const job = jobOf(1, { data: randomBytes(bytes) })
      if (fits) await opened.commit({ added: [job] })
      await run.close(opened)
      if (!fits)
        throw new Inapplicable(`the store takes at most ${opened.maxDataBytes} bytes of data`)
      assertJobs((await run.stored()).jobs, [job])
    },
  }
}

/** A job comes back with everything it had. */
export const ROUND_TRIP_CHECKS: readonly StoreCheck[] = [
  roundTrip('a job comes back as it was', () => [jobOf(1)]),
  roundTrip('data may be any bytes, and none', () => [
    jobOf(1, { data: EVERY_BYTE }),
    jobOf(2, { data: Buffer.alloc(0) }),
    jobOf(3, { data: Buffer.alloc(3) }),
    jobOf(4, { data: Buffer.from(`'"\\; -- %s $1 \r\n`) }),
    jobOf(5, { data: EVERY_BYTE.subarray(7, 11) }),
  ]),
  roundTrip('functions, uniques and reducers may be any bytes', () => [
    jobOf(1, { functionName: EVERY_NAME_BYTE, unique: EVERY_NAME_BYTE.slice(-64) }),
    jobOf(2, { functionName: 'caf\xc3\xa9', unique: '\xff\xfe', reducer: '\x80 \xff' }),
    jobOf(3, { functionName: `'"\\;--`, unique: `x'); DROP TABLE jobs; --` }),
    jobOf(4, { functionName: ' a-b-c\t', unique: 'a-b ', reducer: '%' }),
    jobOf(5, { functionName: 'REVERSE', unique: 'UNIQUE-1' }),
  ]),
  roundTrip('long names fit', () => [
    jobOf(1, { functionName: 'f'.repeat(512), unique: 'u'.repeat(64), reducer: 'r'.repeat(64) }),
    jobOf(2, { functionName: '\xff'.repeat(8192), unique: '\xff'.repeat(64) }),
  ]),
  roundTrip('jobs with the same unique, with none, and with `-` stay apart', () => [
    ...[1, 2, 3].map((key) => jobOf(key, { unique: '' })),
    ...[4, 5, 6].map((key) => jobOf(key, { unique: '-' })),
    ...[7, 8, 9].map((key) => jobOf(key, { unique: 'same' })),
  ]),
  roundTrip('priorities, times, reducers and retries are kept', () => [
    jobOf(1, { priority: 0 }),
    jobOf(2, { priority: 2, reducer: 'sum' }),
    jobOf(3, { runAtEpochSeconds: 2 ** 31 + 1 }),
    jobOf(4, { runAtEpochSeconds: 2 ** 40, retries: 3 }),
    jobOf(5, { runAtEpochSeconds: Number.MAX_SAFE_INTEGER, retries: 2 ** 31 - 1 }),
    jobOf(6, { acceptedAtMs: 1, priority: 0, runAtEpochSeconds: 1 }),
  ]),
  roundTrip('keys may have 15 digits', () => [
    jobOf(2 ** 31),
    jobOf(2 ** 32 + 1),
    jobOf(999_999_999_999_999),
  ]),
  {
    name: 'jobs come back in the order of their keys, whatever else they are',
    check: async (run) => {
      const jobs = [9, 10, 11, 99, 100, 1000, 2 ** 33].map((key, index) =>
        jobOf(key, { priority: ((index + 1) % 3) as 0 | 1 | 2, functionName: `f${-index}` }),
      )
      await run.write({ added: jobs.slice(0, 3) }, { added: jobs.slice(3) }, { removed: [100] })
      const left = jobs.filter(({ key }) => key !== 100)
      assertJobs((await run.stored()).jobs, left)
    },
  },
  payload('1 MiB of data fits, where the store takes that much', MIB),
  payload('16 MiB of data fits, where the store takes that much', 16 * MIB),
  {
    name: 'a commit of several large jobs fits',
    check: async (run) => {
      const opened = await run.start()
      const bytes = Math.min(3 * MIB, opened.maxDataBytes ?? Number.POSITIVE_INFINITY)
      const added = [1, 2, 3, 4, 5].map((key) => jobOf(key, { data: randomBytes(bytes) }))
      await opened.commit({ added })
      await run.close(opened)
      assertJobs((await run.stored()).jobs, added)
    },
  },
  {
    name: 'five thousand jobs in one commit come back, and leave in one commit',
    check: async (run) => {
      const added = Array.from({ length: 5000 }, (_, index) => jobOf(index + 1))
      await run.write({ added })
      const { jobs } = await run.stored()
      assertJobs(jobs, added)
      await run.write({ removed: added.map(({ key }) => key) })
      assert.deepEqual((await run.stored()).jobs, [])
    },
  },
]
