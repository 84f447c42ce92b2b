import { PacketEncoder } from '../../src/protocol/packet-encoder.ts'
import { type PacketName, PacketType } from '../../src/protocol/packets.ts'

export { PacketType as PacketCode }

const ID_DIGITS = 12
/** Of a SUBMIT packet. */
const HEADER_BYTES = 12

/** One packet as bytes. */
export function packet(name: PacketName, ...args: (string | Buffer)[]): Buffer {
  const encoder = new PacketEncoder({ magic: 'request', textEncoding: 'latin1' })
  encoder.append(PacketType[name], args)
  return Buffer.concat(encoder.take())
}

/** Submissions with a unique id each. The bytes are good until the next one is asked for. */
export function uniqueSubmissions(
  name: PacketName,
  functionName: string,
  data: Buffer,
): () => Buffer {
  const bytes = packet(name, functionName, '0'.repeat(ID_DIGITS), data)
  const last = HEADER_BYTES + functionName.length + ID_DIGITS
  return () => {
    // Counting in the bytes themselves: no text is made.
    let at = last
    while (bytes[at] === 0x39) {
      bytes[at] = 0x30
      at -= 1
    }
    bytes[at] = (bytes[at] ?? 0) + 1
    return bytes
  }
}
