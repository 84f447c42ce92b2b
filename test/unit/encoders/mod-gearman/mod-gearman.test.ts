import { describe, expect, it } from 'vitest'
import type { ModGearmanOptions } from '../../../../src/encoders/mod-gearman/envelope.ts'
import {
  type ModGearmanJob,
  ModGearmanJobDataEncoder,
} from '../../../../src/encoders/mod-gearman/mod-gearman-job-data-encoder.ts'
import {
  type ModGearmanResult,
  ModGearmanResultDataEncoder,
} from '../../../../src/encoders/mod-gearman/mod-gearman-result-data-encoder.ts'
import { InvalidArgumentError } from '../../../../src/errors.ts'
import { encodingErrorOf } from '../../../helpers/thrown.ts'
import {
  JOB_BY_C,
  JOB_BY_C_WITH_32_BYTES,
  JOB_BY_C_WITH_A_LONG_KEY,
  RESULT_BY_GO,
} from './recorded.ts'

const KEY = 'should_be_changed'
const JOB: ModGearmanJob = {
  type: 'service',
  resultQueue: 'check_results',
  hostName: 'web1',
  serviceDescription: 'Disk /var',
  startTime: 1_700_000_000_000,
  nextCheck: 1_700_000_000_000,
  coreTime: 1_700_000_000_250,
  timeout: 60_000,
  commandLine: '/usr/lib/nagios/plugins/check_disk -w 10% -c 5%',
}
const RESULT: ModGearmanResult = {
  type: 'active',
  hostName: 'web1',
  serviceDescription: 'Disk /var',
  coreStartTime: 1_700_000_000_000,
  startTime: 1_700_000_001_500,
  finishTime: 1_700_000_002_250,
  returnCode: 2,
  exitedOk: true,
  source: 'Mod-Gearman Worker @ w1',
  output: 'DISK CRITICAL - 4% free|used=96%\nsecond line',
}

const jobs = (key: string, options: Partial<ModGearmanOptions> = {}): ModGearmanJobDataEncoder =>
  new ModGearmanJobDataEncoder({ key, ...options })
const clearJobs = new ModGearmanJobDataEncoder({ key: undefined })
const clearResults = new ModGearmanResultDataEncoder({ key: undefined })
const base64 = (text: string): Buffer => Buffer.from(Buffer.from(text).toString('base64'))
/** The text inside, for those that do not encrypt. */
const textOf = (bytes: Uint8Array): string =>
  Buffer.from(Buffer.from(bytes).toString(), 'base64').toString()

describe('the encoders for mod_gearman', () => {
  it.each([
    ['short', KEY, JOB_BY_C],
    ['of 32 bytes', 'exactly-32-bytes-of-key-material', JOB_BY_C_WITH_32_BYTES],
    ['longer than that', 'exactly-32-bytes-of-key-material!', JOB_BY_C_WITH_32_BYTES],
    ['much longer', 'a-password-that-is-longer-than-32-bytes-by-far', JOB_BY_C_WITH_A_LONG_KEY],
  ])(
    'read a job that C has filled with zero bytes, with a key that is %s',
    (_what, key, payload) => {
      expect(jobs(key).decode(Buffer.from(payload))).toEqual(JOB)
    },
  )

  it('read a result that Go has filled with newlines', () => {
    const results = new ModGearmanResultDataEncoder({ key: Buffer.from(KEY) })
    expect(results.decode(Buffer.from(RESULT_BY_GO))).toEqual(RESULT)
  })

  it('read base64 with line breaks', () => {
    const broken = `${JOB_BY_C.replaceAll(/(.{64})/g, '$1\r\n')}\n`
    expect(jobs(KEY).decode(Buffer.from(broken))).toEqual(JOB)
  })

  it('write what they read, filled as C does it', () => {
    const bytes = Buffer.from(jobs(KEY).encode(JOB))
    expect(jobs(KEY).decode(bytes)).toEqual(JOB)
    expect(Buffer.from(bytes.toString(), 'base64').length % 16).toBe(0)
    for (let length = 1; length <= 33; length += 1) {
      const job = { type: 'host', commandLine: 'x'.repeat(length) } as const
      expect(jobs(KEY).decode(Buffer.from(jobs(KEY).encode(job)))).toEqual(job)
    }
  })

  it('write the fields in the order of mod_gearman, without those that are not there', () => {
    expect(textOf(clearJobs.encode(JOB))).toBe(
      [
        'type=service',
        'result_queue=check_results',
        'host_name=web1',
        'service_description=Disk /var',
        'start_time=1700000000.000000',
        'next_check=1700000000.000000',
        'core_time=1700000000.250000',
        'timeout=60',
        'command_line=/usr/lib/nagios/plugins/check_disk -w 10% -c 5%',
        '\n\n',
      ].join('\n'),
    )
    expect(textOf(clearResults.encode(RESULT))).toMatch(
      /output=DISK CRITICAL - 4% free\|used=96%\\nsecond line\n\n\n$/,
    )
  })

  it('write nothing empty before the output: the reader would stop there', () => {
    const result = { hostName: 'h', returnCode: 0, source: '', output: '' }
    expect(textOf(clearResults.encode(result))).toBe('host_name=h\nreturn_code=0\noutput=\n\n\n')
  })

  it('write nothing for undefined, which is what a callback returns', () => {
    expect(clearJobs.encode(undefined)).toHaveLength(0)
    expect(clearResults.encode(undefined)).toHaveLength(0)
  })

  it('keep fields that they do not know', () => {
    const job = { ...JOB, other: { check_options: '1' } }
    const payload = Buffer.from(clearJobs.encode(job))
    expect(textOf(payload)).toContain('\ncheck_options=1\n')
    expect(clearJobs.decode(payload)).toEqual(job)
  })

  it('read notifications, and flags of any form', () => {
    const notification = {
      type: 'notification',
      contact: 'ops',
      commandLine: '/usr/bin/mail',
      pluginOutput: 'one\ntwo',
      longPluginOutput: '',
    } as const
    expect(clearJobs.decode(Buffer.from(clearJobs.encode(notification)))).toEqual(notification)
    const text = 'host_name=h\nreturn_code=3\nexited_ok=true\nearly_timeout=0\noutput=x\n'
    expect(clearResults.decode(base64(text))).toMatchObject({ exitedOk: true, earlyTimeout: false })
  })

  it('read what plugins write in Latin-1', () => {
    const text = Buffer.from('host_name=h\nreturn_code=0\noutput=\xe4\n', 'latin1')
    const payload = Buffer.from(text.toString('base64'))
    expect(clearResults.decode(payload).output).toBe('ä')
  })

  it('keep microseconds, and round a time limit up to whole seconds', () => {
    const job = { type: 'host', commandLine: 'x', coreTime: 1_700_000_000_123.456, timeout: 1500 }
    const payload = Buffer.from(clearJobs.encode(job as ModGearmanJob))
    expect(clearJobs.decode(payload)).toEqual({ ...job, timeout: 2000 })
  })

  it('read what is not encrypted only when told so', () => {
    const clear = Buffer.from(clearJobs.encode(JOB))
    expect(jobs(KEY, { acceptsClear: true }).decode(clear)).toEqual(JOB)
    expect(jobs(KEY, { acceptsClear: true }).decode(Buffer.from(JOB_BY_C))).toEqual(JOB)
    expect(() => jobs(KEY).decode(clear)).toThrow(/multiple of 16|with this key/)
  })

  it('say that the key is another one', () => {
    const error = encodingErrorOf(() => jobs('another key').decode(Buffer.from(JOB_BY_C)))
    expect(error.message).toContain('is it encrypted, and with this key?')
    expect(() => clearJobs.decode(Buffer.from(JOB_BY_C))).toThrow('with this key?')
  })

  it.each([
    ['no base64', Buffer.from('type=host\n'), 'is not base64'],
    ['half a block', Buffer.from('AAAA'), 'multiple of 16'],
    ['nothing', Buffer.alloc(0), 'with this key?'],
  ])('refuse %s', (_what, payload, message) => {
    expect(encodingErrorOf(() => jobs(KEY).decode(payload)).message).toContain(message)
  })

  it.each([
    ['an unknown type', 'type=other\ncommand_line=x\n', 'one of the types'],
    ['no command', 'type=host\nhost_name=h\n', 'command line'],
    ['a time that is no number', 'type=host\ncommand_line=x\ncore_time=now\n', 'core_time'],
  ])('refuse a job with %s', (_what, text, message) => {
    expect(encodingErrorOf(() => clearJobs.decode(base64(text))).message).toContain(message)
  })

  it.each([
    ['null', null, 'one of the types'],
    ['a line break in a command', { ...JOB, commandLine: 'a\nhost_name=b' }, 'line break'],
    ['a zero byte', { ...JOB, hostName: 'a\0b' }, 'zero byte'],
    ['a number for text', { ...JOB, hostName: 5 }, 'must be text'],
    ['text for a time', { ...JOB, startTime: 'now' }, 'must be a number'],
    ['a field under two names', { ...JOB, other: { host_name: 'x' } }, 'names'],
    ['a name with a line break', { ...JOB, other: { 'a\nb': 'x' } }, 'names'],
  ])('refuse to write %s', (_what, job, message) => {
    const error = encodingErrorOf(() => clearJobs.encode(job as ModGearmanJob))
    expect(error.message).toContain(message)
  })

  it.each([
    ['no output', { hostName: 'h', returnCode: 0 }],
    ['no host', { output: '', returnCode: 0 }],
    ['a return code that is no whole number', { hostName: 'h', output: '', returnCode: 0.5 }],
    ['a flag that is a number', { hostName: 'h', output: '', returnCode: 0, exitedOk: 1 }],
    ['nothing', null],
  ])('refuse a result with %s', (_what, result) => {
    encodingErrorOf(() => clearResults.encode(result as unknown as ModGearmanResult))
  })

  it('refuse a key that is none, and never show it', () => {
    for (const key of [5, '', {}, Buffer.alloc(0)]) {
      expect(() => new ModGearmanJobDataEncoder({ key: key as string })).toThrow(
        InvalidArgumentError,
      )
    }
  })
})
