import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../../src/errors.ts'
import { LineDecoder } from '../../../src/protocol/line-decoder.ts'

/** All lines of some chunks. */
function linesOf(decoder: LineDecoder, ...chunks: string[]): string[] {
  const lines: string[] = []
  for (const text of chunks) {
    const chunk = Buffer.from(text, 'latin1')
    for (let offset = 0; offset < chunk.length; ) {
      offset = decoder.read(chunk, offset)
      const line = decoder.take()
      if (line !== undefined) lines.push(line.toString('latin1'))
    }
  }
  return lines
}

describe('LineDecoder', () => {
  it.each([
    [['status\n'], ['status']],
    [['status\r\n'], ['status']],
    [['a\nb\r\n\n\r\nc'], ['a', 'b', '', '']],
    [['sta', 'tus\n'], ['status']],
    [['status\r', '\n'], ['status']],
    [['a\r\r\n'], ['a\r']],
    [['a\rb\n'], ['a\rb']],
    [['nul \0 inside\n'], ['nul \0 inside']],
    [['', 'x', '', '\n'], ['x']],
  ])('cuts %j into %j', (chunks, lines) => {
    expect(linesOf(new LineDecoder(100), ...chunks)).toEqual(lines)
  })

  it('gives a line once', () => {
    const decoder = new LineDecoder(100)
    decoder.read(Buffer.from('x\n'), 0)
    expect(String(decoder.take())).toBe('x')
    expect(decoder.take()).toBeUndefined()
  })

  it('refuses a line over the limit, whole or growing', () => {
    expect(linesOf(new LineDecoder(5), '12345\n')).toEqual(['12345'])
    expect(() => linesOf(new LineDecoder(5), '123456\n')).toThrow(ProtocolError)
    expect(() => linesOf(new LineDecoder(5), '1234', '56')).toThrow('limit of 5 bytes')
  })

  it('knows whether it is within a line', () => {
    const decoder = new LineDecoder(100)
    expect(decoder.isMidLine).toBe(false)
    linesOf(decoder, 'x')
    expect(decoder.isMidLine).toBe(true)
    linesOf(decoder, '\n')
    expect(decoder.isMidLine).toBe(false)
  })
})
