import { PacketDecoder, type PacketHandler } from '../../src/protocol/packet-decoder.ts'
import { encodePacket, type PacketArgument } from '../../src/protocol/packet-encoder.ts'
import { PACKETS, type PacketName, PacketType, packetName } from '../../src/protocol/packets.ts'

/** What a decoder called, as short text: `JOB_CREATED 483a31`, `line status`. */
export interface PacketLog {
  readonly decoder: PacketDecoder
  readonly events: string[]
}

/** How a {@link PacketLog} decodes. */
export interface PacketLogOptions {
  readonly magic?: 'request' | 'response'
  readonly maxBodyBytes?: number
  readonly maxLineBytes?: number
  /** Which optional calls the handler has. */
  readonly lines?: boolean
  readonly oversized?: boolean
  readonly foreign?: boolean
  readonly longLines?: boolean
  readonly unknownTypes?: boolean
}

/** A decoder that notes each call in text. */
export function logPackets(options: PacketLogOptions = {}): PacketLog {
  const { magic = 'request', maxBodyBytes = 1 << 30, maxLineBytes } = options
  const events: string[] = []
  const handler: PacketHandler = {
    onPacket: (type, body) => events.push(`${packetName(type)} ${body.toString('hex')}`),
    ...(options.lines && { onLine: (line) => events.push(`line ${line.toString('latin1')}`) }),
    ...(options.longLines && { onLineTooLong: () => events.push('too long') }),
    ...(options.oversized && {
      onOversized: (type, size, front) =>
        events.push(`oversized ${packetName(type)} ${size} ${front.toString('latin1')}`),
    }),
    ...(options.foreign && {
      onForeignMagic: (type, body) => events.push(`foreign ${packetName(type)} ${body.length}`),
    }),
  }
  const decoder = new PacketDecoder(handler, {
    magic,
    maxBodyBytes,
    ...(maxLineBytes !== undefined && { maxLineBytes }),
    ...(options.unknownTypes && { takesUnknownTypes: true }),
  })
  return { decoder, events }
}

/** The header it travels under, and the packet's bytes. */
export function request(name: PacketName, args: readonly PacketArgument[] = []): Buffer {
  return encodePacket('request', PacketType[name], args)
}

/** As {@link request}, from the server. */
export function response(name: PacketName, args: readonly PacketArgument[] = []): Buffer {
  return encodePacket('response', PacketType[name], args)
}

/** A header alone, true or not. */
export function header(magic: string, type: number, size: number): Buffer {
  const bytes = Buffer.alloc(12)
  bytes.write(magic, 0, 'latin1')
  bytes.writeUInt32BE(type, 4)
  bytes.writeUInt32BE(size, 8)
  return bytes
}

/** One example of every packet: the last argument holds NULs, the others text beyond ASCII. */
export const EXAMPLES: readonly { readonly name: PacketName; readonly args: PacketArgument[] }[] =
  Object.entries(PACKETS).map(([name, packet]) => ({
    name: name as PacketName,
    args: packet.args.map((argument, index) =>
      index === packet.args.length - 1 ? Buffer.from(`${argument}\0\n\0é`) : `${argument}-ü`,
    ),
  }))
