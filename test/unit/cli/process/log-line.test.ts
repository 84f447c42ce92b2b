import { describe, expect, test } from 'vitest'
import { formatLogLine } from '../../../../src/cli/process/log-line.ts'

const at = (second: number, ms: number): number => new Date(2026, 0, 2, 3, 4, second, ms).getTime()

describe('a log line', () => {
  test('is gearmand’s, in local time', () => {
    expect(formatLogLine('ERROR', 'main', 'text', at(5, 6))).toBe(
      '  ERROR 2026-01-02 03:04:05.006000 [  main ] text\n',
    )
    expect(formatLogLine('CRITICAL', 'proc', 'text', at(59, 999))).toBe(
      'CRITICAL 2026-01-02 03:04:59.999000 [  proc ] text\n',
    )
  })

  test('has the right minute also when the clock goes back', () => {
    const time = (ms: number): string => formatLogLine('INFO', 'main', '', ms).slice(8, 27)
    expect(time(at(59, 0))).toBe('2026-01-02 03:04:59')
    expect(time(at(60, 0))).toBe('2026-01-02 03:05:00')
    expect(time(at(58, 0))).toBe('2026-01-02 03:04:58')
  })
})
