/**
 * The code of README.md. Each block is a program: it is type-checked and run to its end, and writes what the `text`
 * block behind it says. A word behind the fence's `ts` says otherwise: `check`, it is not run; `serve`, it
 * runs beside all others.
 */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { GearmanAdminClient } from 'gearman-sdk'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { describeBackends } from '../helpers/backends.ts'
import { createCertificate } from '../helpers/certificate.ts'
import { readTypeScriptBlocks } from '../helpers/markdown.ts'
import { runScript, startScript } from '../helpers/run-script.ts'

const PROJECT = fileURLToPath(new URL('../../', import.meta.url))
const README = readFileSync(join(PROJECT, 'README.md'), 'utf8')

/** Each test starts a program, or the compiler: a busy machine is slow, not broken. */
const TIMEOUT_MS = 180_000

const blocks = readTypeScriptBlocks(README).map((block, index) => ({
  ...block,
  name: `block-${index + 1}`,
  title: `${index + 1} (${block.heading})`,
}))
const served = blocks.filter(({ flags }) => flags.includes('serve'))
const runnable = blocks.filter(({ flags }) => flags.length === 0)

let folder: string

beforeAll(() => {
  // In the project: imports are resolved from there.
  mkdirSync(join(PROJECT, 'temp'), { recursive: true })
  folder = mkdtempSync(join(PROJECT, 'temp', 'readme-'))
  for (const { name, code } of blocks) writeFileSync(join(folder, `${name}.ts`), code)
  const config = { extends: '../../tsconfig.json', include: ['*.ts'] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  const { cert, key } = createCertificate()
  writeFileSync(join(folder, 'cert.pem'), cert)
  writeFileSync(join(folder, 'key.pem'), key)
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('the code in README.md', () => {
  it('is found', () => {
    expect(runnable.length).toBeGreaterThan(10)
    expect(served).toHaveLength(1)
  })

  it('compiles', async () => {
    const compiler = join(PROJECT, 'node_modules/typescript/bin/tsc')
    const checking = promisify(execFile)(process.execPath, [compiler, '-p', folder])
    const output = await checking.catch(({ stdout }: { stdout: string }) => ({ stdout }))
    expect(output.stdout).toBe('')
  })

  it('has no link to a file that is not there', () => {
    const paths = [...README.matchAll(/\]\((?!http|#)([^)]+)\)/g)].map(([, path = '']) => path)
    for (const path of paths) {
      const [file = ''] = path.split('#')
      expect(existsSync(join(PROJECT, file)), path).toBe(true)
    }
  })
})

describeBackends('the code in README.md', (backend) => {
  let workers: ReturnType<typeof startScript>[]

  beforeAll(async () => {
    const servers = backend.address
    workers = served.map(({ name }) => startScript(join(folder, `${name}.ts`), { servers }))
    await untilWorkerIsThere(servers)
  })
  afterAll(async () => {
    for (const worker of workers) {
      const gone = once(worker, 'exit')
      worker.kill('SIGTERM')
      expect(await gone).toEqual([0, null])
    }
  })

  it.each(runnable)('$title runs', async ({ name, output }) => {
    const file = join(folder, `${name}.ts`)
    const options = { servers: backend.address, cwd: folder }
    const result = await runScript(file, options)
    expect(result).toEqual({ code: 0, stdout: output ?? '', stderr: '' })
  })
})

/** Resolves when the worker of the page works. */
async function untilWorkerIsThere(servers: string): Promise<void> {
  await using admin = new GearmanAdminClient(servers)
  await vi.waitFor(
    async () => {
      const status = await admin.getStatus()
      expect(status.find(({ task }) => task === 'reverse')?.workers).toBe(1)
    },
    { timeout: TIMEOUT_MS, interval: 100 },
  )
}
