import fc from 'fast-check'

/** Bytes of a format with a few of them changed, taken out or put in, cut off, or followed by others. */
export function damaged(whole: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> {
  const change = fc.record({
    at: fc.nat(),
    kind: fc.constantFrom('set', 'insert', 'delete', 'cut', 'repeat'),
    byte: fc.oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0, max: 255 })),
  })
  return fc
    .tuple(whole, fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([bytes, changes]) => changes.reduce(applyChange, bytes))
}

function applyChange(
  bytes: Buffer,
  { at, kind, byte }: { readonly at: number; readonly kind: string; readonly byte: number },
): Buffer {
  const index = bytes.length === 0 ? 0 : at % bytes.length
  const front = bytes.subarray(0, index)
  const one = Buffer.of(byte)
  if (kind === 'cut') return front
  if (kind === 'insert') return Buffer.concat([front, one, bytes.subarray(index)])
  if (kind === 'delete') return Buffer.concat([front, bytes.subarray(index + 1)])
  if (kind === 'repeat') return Buffer.concat([bytes, bytes.subarray(index)])
  return Buffer.concat([front, one, bytes.subarray(index + 1)])
}
