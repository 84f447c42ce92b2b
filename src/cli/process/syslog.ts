import { existsSync } from 'node:fs'
import { describeError } from '../describe-error.ts'
import { LOG_LEVELS, type LogLevel } from '../server-settings.ts'
import type { LogSink } from './log-sink.ts'
import { StartFailure } from './start-failure.ts'

const LOG_USER = 1
const AF_UNIX = 1
const SOCK_DGRAM = 2
/** gearmand's name, so that the rules of an existing syslog daemon go on to match. */
const IDENT = 'gearmand'
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
/** What every syslog daemon takes (RFC 3164, 4.1). Beyond, a line is cut. */
const MAX_MESSAGE_BYTES = 1024

type SendTo = (
  fd: number,
  bytes: Buffer,
  length: number,
  flags: number,
  address: Buffer,
  addressLength: number,
) => number

/**
 * The local syslog daemon, facility LOG_USER. The levels are syslog's own, in the same order.
 *
 * libc's `syslog()` waits for a daemon that is stuck, and the job server with it. So the datagram is sent
 * by the system call that it uses as well, which does not wait: what the daemon does not take is lost.
 */
export class Syslog implements LogSink {
  readonly #fd: number
  readonly #sendTo: SendTo
  readonly #address: Buffer
  readonly #flags: number

  private constructor(fd: number, sendTo: SendTo, path: string) {
    this.#fd = fd
    this.#sendTo = sendTo
    this.#address = unixAddress(path)
    this.#flags = process.platform === 'linux' ? 0x40 : 0x80 // MSG_DONTWAIT
  }

  /**
   * Loads the library that reaches the system calls.
   *
   * Rejects with StartFailure when it is not installed, or the system gives no socket.
   */
  static async open(path: string = findSocket()): Promise<Syslog> {
    const { default: koffi } = await import('koffi').catch((error: unknown) => {
      const problem = `--syslog needs the package koffi: npm install koffi (${describeError(error)})`
      throw new StartFailure(problem, { cause: error })
    })
    const libc = koffi.load(null)
    const openSocket = libc.func('int socket(int domain, int type, int protocol)')
    const sendTo = libc.func(
      'long sendto(int fd, const void *bytes, size_t length, int flags, const void *address, uint32_t addressLength)',
    )
    const fd = Number(openSocket(AF_UNIX, SOCK_DGRAM, 0))
    if (fd < 0) throw new StartFailure(`--syslog: the system gives no socket (${koffi.errno()})`)
    return new Syslog(fd, sendTo, path)
  }

  write(level: LogLevel, text: string): void {
    const priority = LOG_USER * 8 + LOG_LEVELS.indexOf(level)
    const front = `<${priority}>${formatTime(new Date())} ${IDENT}[${process.pid}]: `
    const bytes = Buffer.from(`${front}${level.padStart(7)} ${text}`).subarray(0, MAX_MESSAGE_BYTES)
    // With the address each time: nothing is to be reconnected when the daemon starts again.
    this.#sendTo(this.#fd, bytes, bytes.length, this.#flags, this.#address, this.#address.length)
  }

  writeNow(level: LogLevel, text: string): void {
    this.write(level, text)
  }

  reopen(): void {}

  async close(): Promise<void> {}
}

function findSocket(): string {
  return ['/dev/log', '/var/run/syslog', '/var/run/log'].find(existsSync) ?? '/dev/log'
}

/** A `struct sockaddr_un`; BSD systems, macOS too, put its length into the first byte. */
function unixAddress(path: string): Buffer {
  const family = Buffer.alloc(2)
  const pathBytes = Buffer.from(`${path}\0`)
  if (process.platform !== 'linux') family.set([2 + pathBytes.length, AF_UNIX])
  else new Uint16Array(family.buffer, family.byteOffset, 1)[0] = AF_UNIX
  return Buffer.concat([family, pathBytes])
}

function formatTime(time: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0')
  const day = `${MONTHS[time.getMonth()]} ${String(time.getDate()).padStart(2)}`
  return `${day} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`
}
