/**
 * What gearmand 1.1.20 and `gearman-sdk server` say about the same command lines with `--check-args`, which starts
 * nothing: both take them, both refuse them, or they differ for the reason that stands beside.
 */

import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findServicePort } from '../../../src/cli/options/service-port.ts'
import { runCommand } from '../../../src/cli/run-command.ts'
import { describeWithGearmand, findGearmand } from '../../helpers/gearmand.ts'

const LONG = 'x'.repeat(100)

const BOTH_TAKE: readonly (readonly string[])[] = [
  [],
  ['--port=4731'],
  ['--port', '4731'],
  ['-p4731'],
  ['-p', '4731'],
  ['-p', '0'],
  ['-dR'],
  ['-dRp', '4731'],
  ['-Rdp4731'],
  ['-Rd', '-b5'],
  ['-b', '32'],
  ['--backlog=+5'],
  ['--exceptions'],
  ['-f', '1024'],
  ['-f', '0'],
  ['-j', '3'],
  ['-j', '300'],
  ['-j', '-1'],
  ['--job-handle-prefix', 'X:y'],
  ['--hashtable-buckets=997'],
  ['--keepalive', '--keepalive-idle=60', '--keepalive-interval', '10', '--keepalive-count=5'],
  ['--keepalive-idle', '-1'],
  ['-l', 'stderr'],
  ['--log-file=none'],
  ['-l', '-x'],
  ['-l', '--nope'],
  ['-l', '-'],
  ['-L', '127.0.0.1'],
  ['--listen=::1'],
  ['-P', '/run/gearmand.pid'],
  ['-r', 'http', '--http-port', '8081'],
  ['-R'],
  ['-q', 'builtin'],
  ['-q', 'BUILTIN'],
  ['--syslog'],
  ['--coredump'],
  ['-t', '4'],
  ['-t', '0'],
  ['-u', 'nobody'],
  ['-u', 'no-such-account'],
  ['--verbose', 'DEBUG'],
  ['--verbose=FATAL'],
  ['-w', '2'],
  ['--ssl', '--ssl-ca-file=/ca', '--ssl-certificate', '/cert', '--ssl-key=/key'],
  ['-R', '--'],
  ['-h'],
  ['--help'],
  ['-V'],
  ['-hV'],
]

/** Only where the system has its list of services, which a bare container may lack. */
const SERVICES = findServicePort('http') === undefined ? [] : [['-p', 'http']]

const BOTH_REFUSE: readonly (readonly string[])[] = [
  ['--nope'],
  ['-x'],
  ['-v'],
  ['-vvv'],
  ['-C'],
  ['--verb', 'INFO'],
  ['--job-ret', '3'],
  ['--keep'],
  ['--PORT=4731'],
  ['--round_robin'],
  ['foo'],
  ['-R', 'foo'],
  ['--', 'foo'],
  ['--', '--port=5'],
  ['-'],
  [''],
  ['@/etc/gearmand.conf'],
  ['--port'],
  ['--port='],
  ['-p'],
  ['-L', '-R'],
  ['-P', '-h'],
  ['--daemon='],
  ['--round-robin=1'],
  ['-R1'],
  ['-d='],
  ['-d', '5'],
  ['-j', '1', '-j', '2'],
  ['--job-retries=1', '-j2'],
  ['-R', '-R'],
  ['-RR'],
  ['--check-args'],
  ['--backlog=abc'],
  ['--backlog=99999999999'],
  ['--backlog', '0x10'],
  ['--backlog', ' 5'],
  ['--backlog=5.5'],
  ['--backlog=1e3'],
  ['-b=5'],
  ['-b', '--', '5'],
  ['--hashtable-buckets=0'],
  ['--verbose'],
  ['--verbose=debug'],
  ['--verbose', 'LOUD'],
  ['--verbose', ''],
  ['--ssl-key='],
  ['--config-file', '/no/such/file'],
  ['--help', '--nope'],
]

const ONLY_GEARMAND_TAKES: readonly (readonly [reason: string, words: readonly string[]])[] = [
  ['a port that does not exist; gearmand takes it modulo 65536', ['-p', '99999']],
  ['a port that is none; gearmand fails when it starts', ['-p', 'no-such-service']],
  ['a port that is none', ['-p', '-5']],
  ['a port that is none', ['-p=4731']],
  ['a port that is none', ['-p', '']],
  ['a port that is none', ['--http-port', '99999']],
  ['a number below what can be', ['--backlog=0']],
  ['a number below what can be', ['--backlog=-5']],
  ['a number below what can be', ['-f', '-1']],
  ['a number below what can be', ['-t', '-1']],
  ['a number below what can be', ['-w', '-1']],
  ['a number below what can be', ['--hashtable-buckets=-1']],
  ['a number below what can be', ['--keepalive-idle=-2']],
  ['a protocol that does not exist', ['-r', 'gopher']],
  ['a queue that does not exist', ['-q', 'nothing']],
  ['an empty name', ['-l', '']],
  ['an empty name', ['-P', '']],
  ['an empty name', ['-L', '']],
  ['a handle that holds a space', ['--job-handle-prefix', 'a b']],
  ['a prefix that leaves no room for a number', ['--job-handle-prefix', LONG]],
  ['an option in place of a value; gearmand writes a file of that name', ['-P', '--daemon']],
]

const CONFIGS_BOTH_TAKE: readonly string[] = [
  '',
  '--port=4731\n',
  '--port\n4731\n',
  '--backlog 5 -R\n-d',
  '# a comment',
  'port=4731',
]

const CONFIGS_BOTH_REFUSE: readonly string[] = [
  '--nope',
  '-Rx',
  '--backlog=x',
  '--port',
  '--port=1 --port=2',
  '-R -R',
  '--check-args',
]

const CONFIGS_THAT_DIFFER: readonly (readonly [reason: string, text: string, taker: string])[] = [
  ['a comment is a comment', '# --backlog=x', 'ours'],
  ['quotes are taken off', '--backlog="5"', 'ours'],
  ['a tab is white space', '--backlog\t5', 'ours'],
  ['a key is checked', 'backlog=x', 'gearmand'],
  ['an unknown word is an error when checked', 'nope', 'gearmand'],
  ['help has no place there', '--help', 'gearmand'],
  ['a config file in a config file', '--config-file=/no/such/file', 'gearmand'],
]

let folder: string
let configFile: string

describeWithGearmand('the command line beside gearmand', () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gearman-sdk-check-args-'))
    configFile = join(folder, 'server.conf')
  })

  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  it.each([...BOTH_TAKE, ...SERVICES].map((words) => [words]))('both take %j', async (words) => {
    expect(await ask(words)).toEqual({ gearmand: true, ours: true })
  })

  it.each(BOTH_REFUSE.map((words) => [words]))('both refuse %j', async (words) => {
    expect(await ask(words)).toEqual({ gearmand: false, ours: false })
  })

  it.each(ONLY_GEARMAND_TAKES)('here is refused: %s: %j', async (_reason, words) => {
    expect(await ask(words)).toEqual({ gearmand: true, ours: false })
  })

  describe('a config file', () => {
    it.each(CONFIGS_BOTH_TAKE)('%j is taken by both', async (text) => {
      expect(await askConfig(text)).toEqual({ gearmand: true, ours: true })
    })

    it.each(CONFIGS_BOTH_REFUSE)('%j is refused by both', async (text) => {
      expect(await askConfig(text)).toEqual({ gearmand: false, ours: false })
    })

    it.each(CONFIGS_THAT_DIFFER)('differs: %s: %j', async (_reason, text, taker) => {
      expect(await askConfig(text)).toEqual({ gearmand: taker !== 'ours', ours: taker === 'ours' })
    })
  })
})

interface Verdicts {
  readonly gearmand: boolean
  readonly ours: boolean
}

async function ask(words: readonly string[]): Promise<Verdicts> {
  const args = ['--check-args', ...words]
  return { gearmand: await isTakenByGearmand(args), ours: await isTakenByUs(args) }
}

async function askConfig(text: string): Promise<Verdicts> {
  writeFileSync(configFile, text)
  return await ask(['--config-file', configFile])
}

function isTakenByGearmand(args: readonly string[]): Promise<boolean> {
  const { GEARMAND_PORT: _port, ...env } = process.env
  const options = { cwd: folder, env, timeout: 30_000, killSignal: 'SIGKILL' } as const
  return new Promise((resolve, reject) => {
    execFile(findGearmand() ?? 'gearmand', args, options, (error, _stdout, stderr) => {
      if (error === null) resolve(true)
      else if (error.code === 1) resolve(false)
      else reject(new Error(`gearmand ${args.join(' ')}: ${stderr}`, { cause: error }))
    })
  })
}

async function isTakenByUs(args: readonly string[]): Promise<boolean> {
  const code = await runCommand(['server', ...args], {
    environment: {},
    writeOut: () => undefined,
    writeError: () => undefined,
    runServer: () => Promise.reject(new Error('nothing is to be started')),
  })
  return code === 0
}
