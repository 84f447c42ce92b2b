import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeWithGearmand, type Gearmand, startGearmand } from '../../helpers/gearmand.ts'
import { runScript, type ScriptOptions, startScript } from '../../helpers/run-script.ts'

const DEMO = fileURLToPath(new URL('../../../examples/demo/main.ts', import.meta.url))

/** Each test starts up to five programs: a busy machine is slow, not broken. */
const TIMEOUT_MS = 180_000

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'demo-'))
  write('texts/ada.txt', "It's an engine. The Engine weaves, the loom weaves.\n")
  write('texts/more/bob.md', '# Constructor\nThe constructor of the engine: café, CAFÉ.\n')
  write('texts/more/empty.txt', '')
  write('texts/image.png', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 1]))
  write('texts/node_modules/left/out.js', 'nobody counts me')
  // Larger than one job, and without a line break where the pieces are cut.
  write('large/large.txt', 'seven '.repeat(200_000))
  write('binary/only.bin', Buffer.alloc(100))
  mkdirSync(join(folder, 'empty'))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('the demo', () => {
  it('counts the words of a folder with the bundled server', async () => {
    await expectCounts()
  })

  it('cuts a large file into several jobs, and no word in two', async () => {
    const { stdout, code } = await demo('large')
    expect(rowOf(stdout, 'seven')).toEqual(['200,000'])
    expect(stdout).toMatch(/^words {5}200,000, 1 different ones$/m)
    expect(stdout).toMatch(/^files {5}1 with 1,200,000 bytes$/m)
    expect(stdout).toMatch(/^jobs {6}5 map, 1 reduce, /m)
    expect(code).toBe(0)
  })

  it('shares the work among its workers', async () => {
    const { stdout } = await demo('texts')
    const workers = [...stdout.matchAll(/^counter-\d +(\d+) +(\d+) +(\d+)$/gm)]
    const sum = (column: number): number =>
      workers.reduce((total, row) => total + Number(row[column]), 0)
    expect([sum(1), sum(2), sum(3)]).toEqual([2, 1, 17])
  })

  it('says which path it cannot read', async () => {
    const { code, stdout, stderr } = await demo('nowhere')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^demo: cannot read .*nowhere: ENOENT[^\n]*\n$/)
  })

  it.each([
    ['empty', 'binary: 0'],
    ['binary', 'binary: 1'],
  ])('says that there is no text in a folder: %s', async (path, count) => {
    const { code, stderr } = await demo(path)
    expect(code).toBe(1)
    expect(stderr).toBe(
      `demo: no text files in ${join(folder, path)} (${count}, could not be read: 0)\n`,
    )
  })

  it('names each server that it cannot reach, and why', async () => {
    const { code, stdout, stderr } = await demo('texts', { servers: '127.0.0.1:1,127.0.0.1:2' })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('demo: no job server can be reached:\n  127.0.0.1:1 ')
    expect(stderr).toMatch(/127\.0\.0\.1:2 .*ECONNREFUSED/)
  })

  it('explains itself when its arguments are wrong', async () => {
    for (const args of [['one', 'two'], ['--quick']]) {
      const { code, stderr } = await runScript(DEMO, { args })
      expect(code).toBe(2)
      expect(stderr).toContain('usage: npm run demo [-- PATH]')
    }
    const { code, stdout } = await runScript(DEMO, { args: ['--help'] })
    expect(code).toBe(0)
    expect(stdout).toContain('usage: npm run demo [-- PATH]')
  })

  it('leaves no process behind when it is killed', async () => {
    const child = startScript(DEMO, { args: [join(folder, 'large')] })
    const { pid = 0 } = child
    await once(child.stdout ?? child, 'data') // the workers are there
    const workers = childrenOf(pid)
    expect(workers.length).toBeGreaterThan(0)
    child.kill('SIGKILL')
    await once(child, 'exit')
    // They may have to start first, all at the same time.
    await expect.poll(() => workers.filter(isRunning), { timeout: TIMEOUT_MS }).toEqual([])
  })
})

describeWithGearmand('the demo on gearmand', () => {
  let gearmand: Gearmand

  beforeAll(async () => {
    gearmand = await startGearmand()
  })
  afterAll(async () => {
    await gearmand.stop()
  })

  it('counts the words of a folder', async () => {
    await expectCounts(`${gearmand.host}:${gearmand.port}`)
  })
})

async function expectCounts(servers?: string): Promise<void> {
  const { code, stdout, stderr } = await demo('texts', servers === undefined ? {} : { servers })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const counts = { the: '4', engine: '3', café: '2', constructor: '2', weaves: '2', "it's": '1' }
  for (const [word, count] of Object.entries(counts)) expect(rowOf(stdout, word)).toEqual([count])
  expect(stdout).toMatch(/^words {5}17, 9 different ones$/m)
  expect(stdout).toMatch(
    /^files {5}3 with \d+ bytes \(left out: 1 binary, 0 that could not be read\)$/m,
  )
  expect(stdout).toMatch(/^jobs {6}2 map, 1 reduce, through [\w.]+:\d+$/m)
  if (servers !== undefined) expect(stdout).toContain(`through ${servers}\n`)
}

async function demo(
  path: string,
  options: ScriptOptions = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return await runScript(DEMO, { ...options, args: [join(folder, path)] })
}

/** The columns behind a word. */
function rowOf(report: string, word: string): string[] | undefined {
  const line = report.split('\n').find((text) => text.startsWith(`${word} `))
  return line?.slice(word.length).trim().split(/ +/)
}

function write(path: string, content: string | Buffer): void {
  const file = join(folder, path)
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, content)
}

function childrenOf(pid: number): number[] {
  const listing = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' })
  return listing
    .split('\n')
    .map((line) => line.trim().split(/ +/).map(Number))
    .filter(([, parent]) => parent === pid)
    .map(([child = 0]) => child)
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false // there is none of that number any more
  }
}
