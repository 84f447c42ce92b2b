import { GearmanServer } from 'gearman-sdk/server'

/** The servers that an example talks to; a server of its own is closed at the end. */
export interface Servers extends AsyncDisposable {
  /** What a client or worker takes: `host:port,...`. */
  readonly hostList: string
}

/** The servers in `GEARMAN_SERVERS`; without them, the bundled server on a free port of this machine. */
export async function useServers(): Promise<Servers> {
  const running = process.env['GEARMAN_SERVERS']
  if (running !== undefined && running.trim() !== '') {
    return { hostList: running, [Symbol.asyncDispose]: async () => undefined }
  }
  const server = new GearmanServer({ port: 0 })
  const { host, port } = await server.listen()
  return { hostList: `${host}:${port}`, [Symbol.asyncDispose]: () => server.close() }
}
