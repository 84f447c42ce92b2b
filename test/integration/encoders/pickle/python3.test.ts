/** Random values of all types, each way, in all protocols: against the python3 of this machine. */
import { expect, test } from 'vitest'
import { describeWhen } from '../../../helpers/test-when.ts'
import { describeValue } from './describe.ts'
import { hasPython, readByPython, writtenByPython } from './partner.ts'
import { RandomValues } from './random-values.ts'
import { shopEncoder } from './shop.ts'

const PROTOCOLS = [0, 1, 2, 3, 4, 5]
/** For each protocol. More: GEARMAN_TEST_PICKLES=20000; others than the usual ones: GEARMAN_TEST_SEED. */
const COUNT = Number(process.env['GEARMAN_TEST_PICKLES'] ?? 2000)
const SEED = Number(process.env['GEARMAN_TEST_SEED'] ?? 1)
const DEPTH = 4

const encoders = PROTOCOLS.map((protocol) => shopEncoder({ protocol }))
const encoderOf = (protocol: number): (typeof encoders)[0] =>
  encoders[protocol] ?? shopEncoder({ protocol })

describeWhen(hasPython, 'there is no python3', 'pickles and python3', () => {
  test('what Python writes is read, and goes back as it came', async () => {
    const records = await writtenByPython(String(SEED), COUNT)
    expect(records).toHaveLength(COUNT * PROTOCOLS.length)
    const expected = records.map(({ description }) => description)
    const values = records.map(({ protocol, body }) =>
      encoderOf(protocol).decode(Buffer.from(body)),
    )
    expectSame(values.map(describeValue), expected)
    const returned = await readByPython(
      values.map((value, index) => {
        const protocol = records[index]?.protocol ?? 0
        return [protocol, encoderOf(protocol).encode(value)]
      }),
    )
    expectSame(returned, expected)
  })

  test('what is written here Python reads, and it comes back as it was', async () => {
    const written = PROTOCOLS.flatMap((protocol) =>
      Array.from({ length: COUNT }, (_, index) => {
        const seed = SEED * 1_000_003 + index * PROTOCOLS.length + protocol
        const value = new RandomValues(seed).value(DEPTH)
        const body = encoderOf(protocol).encode(value)
        return { protocol, body, description: describeValue(value) }
      }),
    )
    const expected = written.map(({ description }) => description)
    const back = written.map(({ protocol, body }) => encoderOf(protocol).decode(Buffer.from(body)))
    expectSame(back.map(describeValue), expected)
    expectSame(await readByPython(written.map(({ protocol, body }) => [protocol, body])), expected)
  })
})

/** The first difference of many, and where it is. */
function expectSame(descriptions: readonly string[], expected: readonly string[]): void {
  const index = expected.findIndex((description, at) => description !== descriptions[at])
  if (index >= 0) expect({ index, is: descriptions[index] }).toEqual({ index, is: expected[index] })
  expect(descriptions).toHaveLength(expected.length)
}
