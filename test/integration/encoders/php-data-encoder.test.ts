import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PhpDataEncoder } from '../../../src/encoders/php/php-data-encoder.ts'
import { phpValue } from '../../helpers/arbitrary-php.ts'
import { describeWithProgram, PHP, runProgram } from '../../helpers/run-program.ts'
import { tellPhp } from './tell-php.ts'

const SCRIPT = fileURLToPath(new URL('scripts/serialize.php', import.meta.url))
const COUNT = 3000
const encoder = new PhpDataEncoder({ arrays: 'map' })

/** Runs the script, and gives its lines: serialized bytes, and what was told of their value. */
async function runPhp(
  args: readonly string[],
  input = '',
): Promise<{ readonly bytes: Buffer; readonly told: string }[]> {
  const { code, stdout, stderr } = await runProgram(PHP, [SCRIPT, ...args], { input })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const lines = stdout.split('\n').filter((line) => line !== '')
  return lines.map((line) => {
    const [base64 = '', told = ''] = line.split(' ')
    return { bytes: Buffer.from(base64, 'base64'), told }
  })
}

describeWithProgram(PHP, 'PhpDataEncoder and PHP', () => {
  const seed = fc.sample(fc.nat(), 1)[0] ?? 0

  test('reads what PHP serializes', async () => {
    const made = await runPhp(['make', String(seed), String(COUNT)])
    expect(made).toHaveLength(COUNT)
    for (const { bytes, told } of made) {
      const value = encoder.decode(bytes)
      expect(tellPhp(value), `seed ${seed}: ${bytes}`).toBe(told)
      // And writes it so that it is the same once more.
      const again = encoder.decode(Buffer.from(encoder.encode(value)))
      expect(tellPhp(again), `seed ${seed}: ${bytes}`).toBe(told)
    }
  })

  test('writes what PHP reads, as PHP itself would write it', async () => {
    const values = fc.sample(phpValue, { numRuns: COUNT, seed })
    const written = values.map((value) => Buffer.from(encoder.encode(value)))
    const read = await runPhp(
      ['read'],
      written.map((bytes) => `${bytes.toString('base64')}\n`).join(''),
    )
    expect(read).toHaveLength(COUNT)
    for (const [index, { bytes, told }] of read.entries()) {
      expect(told, `seed ${seed}`).toBe(tellPhp(values[index]))
      const sent = written[index]?.toString('latin1') ?? ''
      // PHP has another form for a number with an exponent.
      if (!/d:-?[\d.]+[eE]/.test(sent) && !/d:-?[\d.]+[eE]/.test(bytes.toString('latin1'))) {
        expect(bytes.toString('latin1')).toBe(sent)
      }
    }
  })
})
