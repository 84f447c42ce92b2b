import { expect, it } from 'vitest'
import { RepeatedText } from '../../../src/protocol/repeated-text.ts'

it('reads each text, be it that of before or another', () => {
  const texts = new RepeatedText()
  const packet = Buffer.from('xxgrüner\0grüne\0\0')
  const read = (start: number, text: string): string =>
    texts.read(packet, start, start + Buffer.byteLength(text))
  expect([read(2, 'grüner'), read(2, 'grüner'), read(10, 'grüne'), read(16, '')]).toEqual([
    'grüner',
    'grüner',
    'grüne',
    '',
  ])
})

it('keeps nothing of the packets that it is given: their memory is used again', () => {
  const texts = new RepeatedText()
  const packet = Buffer.from('resize')
  texts.read(packet, 0, 6)
  packet.write('rotate')
  expect(texts.read(packet, 0, 6)).toBe('rotate')
})
