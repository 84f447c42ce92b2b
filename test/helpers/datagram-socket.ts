import { rmSync } from 'node:fs'
import koffi from 'koffi'

const AF_UNIX = 1
const SOCK_DGRAM = 2
const MSG_DONTWAIT = process.platform === 'linux' ? 0x40 : 0x80
const MAX_BYTES = 65_536

/** A Unix datagram socket, as a syslog daemon has one: Node has none. */
export class DatagramSocket {
  readonly #fd: number
  readonly #path: string

  constructor(path: string) {
    this.#path = path
    const address = Buffer.alloc(2 + Buffer.byteLength(path) + 1)
    address.writeUInt8(AF_UNIX, process.platform === 'linux' ? 0 : 1)
    if (process.platform !== 'linux') address.writeUInt8(address.length, 0)
    address.write(path, 2)
    this.#fd = Number(libc('int socket(int a, int b, int c)', AF_UNIX, SOCK_DGRAM, 0))
    const result = libc(
      'int bind(int fd, const void *address, uint32_t length)',
      this.#fd,
      address,
      address.length,
    )
    if (result !== 0) throw new Error(`cannot bind ${path}: ${koffi.errno()}`)
  }

  /** What has come and was not read yet. */
  read(): string[] {
    const messages: string[] = []
    for (;;) {
      const buffer = Buffer.alloc(MAX_BYTES)
      const receive = 'long recv(int fd, _Out_ void *bytes, size_t length, int flags)'
      const length = Number(libc(receive, this.#fd, buffer, buffer.length, MSG_DONTWAIT))
      if (length < 0) return messages
      messages.push(buffer.toString('utf8', 0, length))
    }
  }

  close(): void {
    libc('int close(int fd)', this.#fd)
    rmSync(this.#path, { force: true })
  }
}

function libc(prototype: string, ...args: unknown[]): unknown {
  return koffi.load(null).func(prototype)(...args)
}
