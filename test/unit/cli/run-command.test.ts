import { SDK_VERSION } from 'gearman-sdk/server'
import { expect, it } from 'vitest'
import { runCommand } from '../../../src/cli/run-command.ts'
import type { ServerSettings } from '../../../src/cli/server-settings.ts'

interface Outcome {
  readonly code: number
  readonly out: string
  readonly errors: string
  readonly started: readonly ServerSettings[]
}

async function run(words: readonly string[], serverCode = 0): Promise<Outcome> {
  let out = ''
  let errors = ''
  const started: ServerSettings[] = []
  const code = await runCommand(words, {
    environment: {},
    writeOut: (text) => {
      out += text
    },
    writeError: (text) => {
      errors += text
    },
    runServer: async (settings) => {
      started.push(settings)
      return serverCode
    },
  })
  return { code, out, errors, started }
}

it.each([[[]], [['--help']], [['-h']], [['help']]])(
  '%j prints what commands there are',
  async (words) => {
    const { code, out } = await run(words)
    expect(code).toBe(0)
    expect(out).toMatch(/^Usage: gearman-sdk COMMAND .*\n[\s\S]*\n {2}server /)
  },
)

it.each([[['--version']], [['-V']], [['server', '--version']], [['server', '-V']]])(
  '%j prints the version as gearmand does',
  async (words) => {
    const { code, out } = await run(words)
    expect(code).toBe(0)
    expect(out).toBe(`\ngearman-sdk ${SDK_VERSION} - stands in for gearmand 1.1.20\n`)
  },
)

it('help of the server fits into 80 columns, in the order of gearmand', async () => {
  const { code, out, started } = await run(['server', '--help'])
  expect({ code, started }).toEqual({ code: 0, started: [] })
  expect(out.split('\n').filter((line) => line.length > 80)).toEqual([])
  const titles = out.split('\n').filter((line) => /^[A-Z].*:$/.test(line))
  expect(titles).toEqual([
    'Allowed options:',
    'General options:',
    'HTTP:',
    'Gear:',
    'Postgres:',
    'MySQL:',
    'Not in gearmand:',
  ])
  expect(out).toContain(
    '  -b [ --backlog ] arg (=511)           Number of backlog connections for\n' +
      '                                        listen.\n',
  )
})

it('the server is run, and its exit code handed on', async () => {
  const { code, started } = await run(['server', '-p', '0'], 3)
  expect(code).toBe(3)
  expect(started).toMatchObject([{ server: { port: 0 } }])
})

it('arguments are checked and nothing is run', async () => {
  expect(await run(['server', '--check-args', '-dR'])).toEqual({
    code: 0,
    out: '',
    errors: '',
    started: [],
  })
})

it.each([
  [['nonsense'], 'unknown command "nonsense"; the command is server, see gearman-sdk --help'],
  [['-p'], 'unknown command "-p"; the command is server, see gearman-sdk --help'],
  [['server', '--nope'], 'unknown option "--nope"; see gearman-sdk server --help'],
  [['server', '-l', ''], '-l (--log-file) must be a path, stderr or none, not ""'],
  [
    ['server', 'two\nlines'],
    'unexpected argument "two\\nlines"; only options are allowed, see gearman-sdk server --help',
  ],
  [
    ['server', '--config-file', '/no\n/where'],
    '--config-file /no /where cannot be read: no such file or directory',
  ],
])('%j is one line on stderr, and exit code 1', async (words, message) => {
  const name = words[0] === 'server' ? 'gearman-sdk server' : 'gearman-sdk'
  expect(await run(words)).toEqual({
    code: 1,
    out: '',
    errors: `${name}: ${message}\n`,
    started: [],
  })
})
