import { once } from 'node:events'
import type { Socket } from 'node:net'

/**
 * Cuts a connection off with a TCP reset.
 *
 * libuv refuses that while a `shutdown()` is under way (EINVAL, `uv_tcp_close_reset`), and Node then tells
 * nobody that the socket is closed: such a socket is just destroyed.
 */
export function resetSocket(socket: Socket): void {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy()
  else if (!socket.destroyed) socket.resetAndDestroy()
}

/** Resolves when a socket is closed, whatever it went through before. */
export async function isClosed(socket: Socket): Promise<void> {
  // once() would reject at an 'error', which comes before the 'close'.
  while (!socket.closed) await once(socket, 'close').catch(() => undefined)
}
