import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type ModGearmanJob,
  ModGearmanJobDataEncoder,
} from '../../../src/encoders/mod-gearman/mod-gearman-job-data-encoder.ts'
import {
  type ModGearmanResult,
  ModGearmanResultDataEncoder,
} from '../../../src/encoders/mod-gearman/mod-gearman-result-data-encoder.ts'
import { EncodingError } from '../../../src/errors.ts'
import { damaged } from '../../helpers/damaged-bytes.ts'

const line = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .filter((text) => !/[\n\0]/.test(text))
const output = fc
  .string({ unit: 'grapheme', maxLength: 30 })
  .map((text) => text.replaceAll(/[\\\0\r]/g, '|'))
const time = fc.integer({ min: 0, max: 4e12 })
const optional = { requiredKeys: ['type', 'commandLine'] as ['type', 'commandLine'] }
const job: fc.Arbitrary<ModGearmanJob> = fc.record(
  {
    type: fc.constantFrom('host' as const, 'service' as const, 'eventhandler' as const),
    commandLine: line,
    resultQueue: line,
    hostName: line,
    serviceDescription: line,
    coreTime: time,
    timeout: fc.integer({ min: 0, max: 1e6 }).map((seconds) => seconds * 1000),
    longPluginOutput: output,
  },
  optional,
)
const result: fc.Arbitrary<ModGearmanResult> = fc.record(
  {
    hostName: line,
    returnCode: fc.integer({ min: -1, max: 255 }),
    output,
    startTime: time,
    latency: fc.integer({ min: 0, max: 1e9 }),
    exitedOk: fc.boolean(),
  },
  { requiredKeys: ['hostName', 'returnCode', 'output'] },
)
const key = fc.string({ minLength: 1, maxLength: 40 })

describe('texts of mod_gearman', () => {
  it('come back as they were, whatever the key', () => {
    fc.assert(
      fc.property(job, result, key, (someJob, someResult, password) => {
        const jobs = new ModGearmanJobDataEncoder({ key: password })
        expect(jobs.decode(Buffer.from(jobs.encode(someJob)))).toEqual(someJob)
        const results = new ModGearmanResultDataEncoder({ key: password })
        expect(results.decode(Buffer.from(results.encode(someResult)))).toEqual(someResult)
      }),
      { numRuns: 1000 },
    )
  })

  it('are read or refused, whatever the bytes are', () => {
    const encrypted = new ModGearmanJobDataEncoder({ key: 'key', acceptsClear: true })
    const clear = new ModGearmanJobDataEncoder({ key: undefined })
    const results = new ModGearmanResultDataEncoder({ key: undefined })
    const text = fc
      .oneof(
        damaged(
          job.map((value) => Buffer.from(Buffer.from(clear.encode(value)).toString(), 'base64')),
        ),
        damaged(
          result.map((value) =>
            Buffer.from(Buffer.from(results.encode(value)).toString(), 'base64'),
          ),
        ),
      )
      .map((bytes) => Buffer.from(bytes.toString('base64')))
    const anything = fc.oneof(
      text,
      damaged(job.map((value) => Buffer.from(encrypted.encode(value)))),
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    )
    fc.assert(
      fc.property(anything, (bytes) => {
        for (const encoder of [encrypted, clear, results]) {
          try {
            encoder.decode(bytes)
          } catch (error) {
            expect(error).toBeInstanceOf(EncodingError)
          }
        }
      }),
      { numRuns: 5000 },
    )
  })
})
