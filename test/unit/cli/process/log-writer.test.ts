import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { LogWriter } from '../../../../src/cli/process/log-writer.ts'

function useFile(): { readonly path: string; readonly fd: number } {
  const folder = mkdtempSync(join(tmpdir(), 'log-writer-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'log')
  return { path, fd: openSync(path, 'a') }
}

describe('a log writer', () => {
  test('writes lines in their order', async () => {
    const { path, fd } = useFile()
    const writer = new LogWriter(fd, () => '')
    for (let line = 0; line < 1000; line++) writer.write(`${line}\n`)
    await writer.idle()
    const expected = Array.from({ length: 1000 }, (_, line) => `${line}\n`)
    expect(readFileSync(path, 'utf8')).toBe(expected.join(''))
  })

  test('drops what is too much to wait, and says how much when there is room', async () => {
    const { path, fd } = useFile()
    const writer = new LogWriter(fd, (count) => `${count} are missing\n`)
    const line = `${'x'.repeat(1023)}\n`
    for (let count = 0; count < 2000; count++) writer.write(line)
    await writer.idle()
    // The first is being written, and 1024 more wait.
    expect(readFileSync(path, 'utf8')).toMatch(/\n975 are missing\n$/)
  })

  test('goes on after a failure, and counts what was lost', async () => {
    const { path, fd } = useFile()
    const broken = openSync(path, 'r')
    const writer = new LogWriter(broken, (count) => `${count} are missing\n`)
    writer.write('a\nb\n')
    await writer.idle()
    writer.replace(fd)
    writer.write('c\n')
    await writer.idle()
    expect(readFileSync(path, 'utf8')).toBe('c\n2 are missing\n')
  })

  test('changes to another file between two batches, and closes the old one', async () => {
    const first = useFile()
    const second = useFile()
    const writer = new LogWriter(first.fd, () => '')
    writer.write('first\n')
    writer.replace(second.fd)
    writer.write('second\n')
    await writer.idle()
    expect(readFileSync(first.path, 'utf8')).toBe('first\n')
    expect(readFileSync(second.path, 'utf8')).toBe('second\n')
  })

  test('writes last words at once, behind what waits', () => {
    const { path, fd } = useFile()
    onTestFinished(() => closeSync(fd))
    const writer = new LogWriter(fd, () => '')
    writer.writeNow('last\n')
    expect(readFileSync(path, 'utf8')).toBe('last\n')
  })
})
