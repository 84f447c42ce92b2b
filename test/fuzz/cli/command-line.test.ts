import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../../src/cli/config/parse-config.ts'
import { OPTION_SECTIONS } from '../../../src/cli/options/option-table.ts'
import { readInvocation } from '../../../src/cli/read-invocation.ts'
import { UsageError } from '../../../src/cli/usage-error.ts'

const RUNS = { numRuns: 2000 }

const OPTIONS = OPTION_SECTIONS.flatMap(({ options }) => options)
const names = OPTIONS.filter(({ name }) => name !== 'config-file').map(({ name }) => name)
const letters = OPTIONS.flatMap(({ short }) => short ?? [])

const anyText = fc.string({ unit: 'binary', maxLength: 20 })
const anyValue = fc.oneof(
  fc.integer().map(String),
  fc.constantFrom('http', 'DEBUG', 'off'),
  anyText,
)
const anyLetters = fc.array(fc.constantFrom(...letters, '=', '-', 'Z'), { maxLength: 4 })
const anyWord = fc.oneof(
  anyText,
  anyValue,
  fc.constantFrom('-', '--', '', '--=', '-='),
  fc.constantFrom(...names).map((name) => `--${name}`),
  fc.tuple(fc.constantFrom(...names), anyValue).map(([name, value]) => `--${name}=${value}`),
  fc.tuple(anyLetters, anyText).map(([some, text]) => `-${some.join('')}${text}`),
)
const anyLine = fc.oneof(
  fc.array(anyWord, { maxLength: 4 }).map((words) => words.join(' ')),
  fc
    .tuple(
      fc.constantFrom(...names, 'PARAMS', 'OPTIONS', 'PERSISTENT', 'PERSISTENT_FILE'),
      anyValue,
    )
    .map(([key, value]) => `${key}="${value}"`),
  fc.string({ unit: fc.constantFrom('"', "'", '\\', '#', ' ', '=', '\n', '-', 'a') }),
)

/** The outcome of an action, which may refuse with one kind of error only. */
function unlessRefused<T>(action: () => T): T | undefined {
  try {
    return action()
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError)
    expect((error as UsageError).message.length).toBeLessThan(1000)
    return undefined
  }
}

describe('the command line of the server', () => {
  it('is read or refused, whatever its words', () => {
    fc.assert(
      fc.property(fc.array(anyWord, { maxLength: 6 }), (words) => {
        unlessRefused(() => readInvocation(words, {}))
      }),
      RUNS,
    )
  })

  it('is read the same with flags together and apart', () => {
    const flags = OPTIONS.filter(
      ({ expects, isCommandLineOnly }) => expects === undefined && isCommandLineOnly !== true,
    ).flatMap(({ short }) => short ?? [])
    fc.assert(
      fc.property(fc.uniqueArray(fc.constantFrom(...flags), { minLength: 1 }), (some) => {
        const apart = readInvocation(
          some.map((letter) => `-${letter}`),
          {},
        )
        expect(readInvocation([`-${some.join('')}`], {})).toEqual(apart)
      }),
    )
  })
})

describe('the config file of the server', () => {
  it('is read or refused, whatever its lines', () => {
    fc.assert(
      fc.property(fc.array(anyLine, { maxLength: 6 }), (lines) => {
        unlessRefused(() => parseConfig(lines.join('\n')))
      }),
      RUNS,
    )
  })
})
