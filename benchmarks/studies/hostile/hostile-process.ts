/** Peers that mean no good: `hostile-process.ts ADDRESS KIND COUNT`. Reports when they have all begun. */
import { randomBytes, randomInt } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { rawPacket } from '../../../test/helpers/raw-peer.ts'

const [address = '', kind = '', count = '1'] = process.argv.slice(2)
const [host = '', port = ''] = address.split(':')

const KIB = 1024
const MIB = 1024 * KIB
/** As many connections leave from one loopback address; a port is one of some 28,000. */
const PEERS_PER_SOURCE = 5000
/** What may be under way while connections are opened: the server's backlog is short. */
const OPENED_AT_ONCE = 200
const FUZZ_PAUSE_MS = 2

/** What a peer does with its connection. */
const KINDS: Readonly<Record<string, (socket: Socket) => void>> = {
  /** Half a packet, then nothing. */
  half: (socket) => {
    const packet = rawPacket('SUBMIT_JOB_BG', ['half', '', Buffer.alloc(2 * KIB)])
    socket.write(packet.subarray(0, KIB))
  },
  /** The header of 4 GiB, or of what the server just takes, and the first bytes. */
  huge: (socket) => {
    const packet = rawPacket('SUBMIT_JOB_BG', ['huge', '', Buffer.alloc(100 * KIB)])
    packet.writeUInt32BE(randomInt(2) === 0 ? 0xffff_ffff : 255 * MIB, 8)
    socket.write(packet)
  },
  /**
   * Asks for a lot, and never reads. More than this would fill the kernel's memory for TCP, which peers and server
   * on one machine share, and measure the kernel.
   */
  silent: (socket) => {
    socket.pause()
    const echo = rawPacket('ECHO_REQ', [Buffer.alloc(MIB)])
    for (let index = 0; index < 2; index += 1) socket.write(echo)
    socket.write('show jobs\nstatus\nworkers\n'.repeat(1000))
  },
  /** Random packets, random bytes and text commands, for as long as it is let. */
  fuzz: (socket) => {
    socket.resume()
    const timer = setInterval(() => {
      if (socket.writableNeedDrain) return
      for (let index = 0; index < 5; index += 1) socket.write(randomRequest())
    }, FUZZ_PAUSE_MS)
    socket.on('close', () => {
      clearInterval(timer)
      open().on('error', () => undefined)
    })
  },
}

const LINES = [
  'status',
  'workers',
  'show jobs',
  'show unique jobs',
  'maxqueue a 5',
  'drop function a',
]

function randomRequest(): Buffer | string {
  const dice = randomInt(100)
  if (dice < 2) return randomBytes(randomInt(1, 200))
  if (dice < 4) return `${LINES[randomInt(LINES.length)]}\r\n`
  if (dice < 6) return `${randomBytes(randomInt(1, 100)).toString('base64')}\n`
  const args = Array.from({ length: randomInt(6) }, () => randomArgument())
  return rawPacket(randomInt(1, 43), args)
}

function randomArgument(): Buffer {
  const dice = randomInt(10)
  if (dice < 5) return Buffer.from('abc'[randomInt(3)] ?? '')
  if (dice < 7) return Buffer.from(`H:x:${randomInt(1000)}`)
  return randomBytes(randomInt(dice === 9 ? 9000 : 70))
}

let opened = 0

function open(): Socket {
  const localAddress = `127.0.0.${2 + Math.floor(opened / PEERS_PER_SOURCE)}`
  opened += 1
  const socket = connect({ host, port: Number(port), localAddress, noDelay: true })
  socket.on('connect', () => KINDS[kind]?.(socket))
  return socket
}

function untilSettled(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.on('connect', resolve).on('error', () => resolve())
  })
}

for (let left = Number(count); left > 0; left -= OPENED_AT_ONCE) {
  const some = Math.min(left, OPENED_AT_ONCE)
  await Promise.all(Array.from({ length: some }, () => untilSettled(open())))
}
process.send?.('begun')
// Sockets that are not read from do not keep a process alive.
process.on('message', () => undefined)
