import { describe, expect, it } from 'vitest'
import { readErrorText } from '../../../src/encoders/error-text.ts'
import { RawDataEncoder } from '../../../src/encoders/raw-data-encoder.ts'
import { encodingErrorOf } from '../../helpers/thrown.ts'

const read = (hex: string): string => readErrorText(Buffer.from(hex, 'hex'))

describe('the text of an exception', () => {
  it('is what the bytes say in UTF-8', () => {
    expect(readErrorText(Buffer.from('Error: ü'))).toBe('Error: ü')
    expect(readErrorText(Buffer.alloc(0))).toBe('')
    encodingErrorOf(() => readErrorText(Buffer.from([0xff])))
  })

  it('is thawed where Perl froze it', () => {
    expect(read('050b0a03616263')).toBe('abc')
    expect(read(`050b01${'0000012c'}${'78'.repeat(300)}`)).toBe('x'.repeat(300))
    expect(read('050b1703e298ba')).toBe('☺')
    expect(read('050b0a01e4')).toBe('ä')
    expect(read('050b0a00')).toBe('')
  })

  it('is taken as it is where it only begins like that', () => {
    for (const hex of ['050b0a04616263', '050b0a', '050b010000000961', '050b01', '0461', '05']) {
      expect(read(hex)).toBe(Buffer.from(hex, 'hex').toString())
    }
  })

  it('is none where Perl froze something else', () => {
    // \(bless { m => 'x' }, 'My::Error')
    const frozen = Buffer.from('050b0411094d793a3a4572726f7203000000010a0178000000016d', 'hex')
    expect(new RawDataEncoder().decodeError(frozen)).toBe(frozen.toString())
  })
})
