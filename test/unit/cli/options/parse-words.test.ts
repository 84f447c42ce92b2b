import { describe, expect, it } from 'vitest'
import { GivenOptions } from '../../../../src/cli/options/given-option.ts'
import { parseWords } from '../../../../src/cli/options/parse-words.ts'
import { UsageError } from '../../../../src/cli/usage-error.ts'

function parse(words: readonly string[]): Record<string, string> {
  const given = new GivenOptions()
  parseWords(words, given)
  return Object.fromEntries(
    [...given.byName().values()].flat().map(({ option, text }) => [option.name, text]),
  )
}

function refusal(words: readonly string[]): string {
  try {
    parse(words)
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError)
    return (error as UsageError).message
  }
  throw new Error(`${words.join(' ')} was taken`)
}

describe('words of a command line', () => {
  it.each([
    [[], {}],
    [['-dR'], { daemon: 'on', 'round-robin': 'on' }],
    [['-dRp', '4731'], { daemon: 'on', 'round-robin': 'on', port: '4731' }],
    [['-Rdp4731', '-b5'], { 'round-robin': 'on', daemon: 'on', port: '4731', backlog: '5' }],
    [['--backlog=+5'], { backlog: '+5' }],
    [['--job-handle-prefix=a=b'], { 'job-handle-prefix': 'a=b' }],
    [['-l', '-x'], { 'log-file': '-x' }],
    [['-l', '--nope'], { 'log-file': '--nope' }],
    [['-l-'], { 'log-file': '-' }],
    [['-l', '--'], { 'log-file': '--' }],
    [['-R', '--'], { 'round-robin': 'on' }],
  ])('%j are read as gearmand reads them', (words, expected) => {
    expect(parse(words)).toEqual(expected)
  })

  it.each([
    [['--nope'], 'unknown option "--nope"; see gearman-sdk server --help'],
    [['--job-ret', '3'], 'unknown option "--job-ret"; did you mean --job-retries?'],
    [['--PORT=1'], 'unknown option "--PORT=1"; did you mean --port?'],
    [['--ssl-c=x'], 'unknown option "--ssl-c=x"; did you mean --ssl-ca-file or --ssl-certificate?'],
    [['-v'], 'unknown option "-v"; see gearman-sdk server --help'],
    [['-Rx'], 'unknown option "-Rx"; see gearman-sdk server --help'],
    [['-R1'], 'unknown option "-R1"; see gearman-sdk server --help'],
    [['-d='], 'unknown option "-d="; see gearman-sdk server --help'],
    [['--=x'], 'unknown option "--=x"; see gearman-sdk server --help'],
    [['foo'], 'unexpected argument "foo"; only options are allowed, see gearman-sdk server --help'],
    [[''], 'unexpected argument ""; only options are allowed, see gearman-sdk server --help'],
    [['-'], 'unexpected argument "-"; only options are allowed, see gearman-sdk server --help'],
    [
      ['@file'],
      'unexpected argument "@file"; only options are allowed, see gearman-sdk server --help',
    ],
    [
      ['--', '-R'],
      'unexpected argument "-R"; only options are allowed, see gearman-sdk server --help',
    ],
    [
      ['-d', '5'],
      'unexpected argument "5"; only options are allowed, see gearman-sdk server --help',
    ],
    [['--user='], '--user= must be followed by a value without a space between'],
    [['--daemon='], '--daemon= must be followed by a value without a space between'],
    [['-P'], '-P needs a value: a path'],
    [['-P', '-R'], '-P needs a value: a path'],
    [['-P', '--daemon'], '-P needs a value: a path'],
    [['-P', '--port=1'], '-P needs a value: a path'],
    [['-b=5'], '-b (--backlog) must be a whole number from 1 to 65535, not "=5"'],
    [['-j', '1', '--job-retries=2'], '--job-retries cannot be given more than once'],
    [['-RR'], '--round-robin cannot be given more than once'],
  ])('%j are refused in words', (words, message) => {
    expect(refusal(words)).toBe(message)
  })

  it('are not repeated at length in a message', () => {
    expect(refusal([`--${'x'.repeat(10_000)}`]).length).toBeLessThan(200)
  })

  it('of Object.prototype are no options', () => {
    expect(refusal(['--constructor'])).toContain('unknown option')
    expect(refusal(['--__proto__=1'])).toContain('unknown option')
  })
})
