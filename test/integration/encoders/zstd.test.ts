import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StringDataEncoder, ZstdDataEncoder } from 'gearman-sdk'
import { expect, onTestFinished, test } from 'vitest'
import { describeWithProgram, runProgram, ZSTD } from '../../helpers/run-program.ts'

const TEXT = 'Grüße, immer wieder. '.repeat(1000)

describeWithProgram(ZSTD, 'Zstandard', () => {
  test(
    ZstdDataEncoder.isSupported
      ? 'is what the command zstd reads and writes'
      : 'is refused by this Node.js, which has none',
    async () => {
      if (!ZstdDataEncoder.isSupported) {
        expect(() => new ZstdDataEncoder(StringDataEncoder)).toThrow('needs Node.js 22.15')
        return
      }
      const folder = mkdtempSync(join(tmpdir(), 'gearman-sdk-zstd-'))
      onTestFinished(() => rmSync(folder, { recursive: true }))
      const encoder = new ZstdDataEncoder(StringDataEncoder)
      writeFileSync(join(folder, 'ours.zst'), encoder.encode(TEXT))
      const read = await runProgram(ZSTD, ['-dcq', 'ours.zst'], { cwd: folder })
      expect(read).toEqual({ code: 0, stdout: TEXT, stderr: '' })
      writeFileSync(join(folder, 'text'), TEXT)
      const written = await runProgram(ZSTD, ['-q', 'text', '-o', 'theirs.zst'], { cwd: folder })
      expect(written).toEqual({ code: 0, stdout: '', stderr: '' })
      expect(encoder.decode(readFileSync(join(folder, 'theirs.zst')))).toBe(TEXT)
    },
  )
})
