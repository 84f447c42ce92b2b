import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** Both ends of a TCP connection over loopback. */
export interface SocketPair {
  readonly near: Socket
  readonly far: Socket
}

/** A connection for one test: both ends are destroyed at its end. The far end may stay half open. */
export async function useSocketPair(): Promise<SocketPair> {
  const server = createServer({ allowHalfOpen: true, noDelay: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [[far]] = await Promise.all([
    once(server, 'connection') as Promise<[Socket]>,
    once(near, 'connect'),
  ])
  server.close()
  far.on('error', () => undefined)
  onTestFinished(() => {
    near.destroy()
    far.destroy()
  })
  return { near, far }
}
