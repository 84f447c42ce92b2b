/** `--import ./no-delay.ts`: sets TCP_NODELAY on every socket, for libraries that do not. */
import { Socket } from 'node:net'

const { connect } = Socket.prototype
Socket.prototype.connect = function (this: Socket, ...args: unknown[]): Socket {
  this.once('connect', () => this.setNoDelay(true))
  return Reflect.apply(connect, this, args) as Socket
}
