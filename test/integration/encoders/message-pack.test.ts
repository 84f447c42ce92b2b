import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { MessagePackDataEncoder } from 'gearman-sdk/msgpack'
import { expect, test } from 'vitest'
import { messagePackValue } from '../../helpers/arbitrary-message-pack.ts'
import { describeWithProgram, PYTHON, runProgram } from '../../helpers/run-program.ts'

const SCRIPT = fileURLToPath(new URL('scripts/message_pack.py', import.meta.url))
const COUNT = 2000
const encoder = new MessagePackDataEncoder()

describeWithProgram(
  { ...PYTHON, packages: 'python3 and python3-msgpack' },
  'MessagePackDataEncoder and Python',
  () => {
    test('read what the other one writes, with the same types', async () => {
      const seed = fc.sample(fc.nat(), 1)[0] ?? 0
      const values = fc.sample(messagePackValue, { numRuns: COUNT, seed })
      const lines = values.map((value) => Buffer.from(encoder.encode(value)).toString('base64'))
      const input = `${lines.join('\n')}\n`
      const { code, stdout, stderr } = await runProgram(PYTHON, [SCRIPT], { input })
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      const answers = stdout.trimEnd().split('\n')
      expect(answers).toHaveLength(COUNT)
      for (const [index, answer] of answers.entries()) {
        const [bytes = '', told] = answer.split('\t')
        expect(told, `seed ${seed}`).toBe(tell(values[index]))
        const back = encoder.decode(Buffer.from(bytes, 'base64'))
        expect(tell(back), `seed ${seed}`).toBe(tell(values[index]))
      }
    })
  },
)

/** What the script tells of the same value. */
function tell(value: unknown): string {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'string') return `text ${Buffer.from(value).toString('hex')}`
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`
  if (typeof value === 'number' && !Number.isInteger(value)) return `number ${pythonHex(value)}`
  if (typeof value === 'number' || typeof value === 'bigint') return `number ${BigInt(value)}`
  if (Array.isArray(value)) return `[${value.map(tell).join(',')}]`
  const entries = Object.entries(value as object)
  const told = entries.map(
    ([key, element]) => `${Buffer.from(key).toString('hex')}:${tell(element)}`,
  )
  return `{${told.join(',')}}`
}

/** Python's `float.hex`. */
function pythonHex(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  const bits = bytes.readBigUInt64BE()
  const exponent = Number((bits >> 52n) & 0x7ffn)
  const digits = (bits & (2n ** 52n - 1n)).toString(16).padStart(13, '0')
  const sign = value < 0 ? '-' : ''
  const power = exponent === 0 ? -1022 : exponent - 1023
  return `${sign}0x${exponent === 0 ? 0 : 1}.${digits}p${power < 0 ? power : `+${power}`}`
}
