import { GearmanServer, type ServerOptions } from '../server/index.ts'
import { findFreePort } from './free-port.ts'

const PORT_ATTEMPTS = 5

/** Options of a {@link TestServer}: those of `GearmanServer`, or a function that makes them for each start. */
export type TestServerOptions = ServerOptions | (() => ServerOptions)

/**
 * The bundled server inside the process, to be stopped and started again at one port of 127.0.0.1.
 *
 * A store belongs to one start: give a function that makes a new one each time.
 *
 * ```ts
 * await using server = await TestServer.start(() => ({ store: new SqliteStore({ path }) }))
 * await server.kill()
 * await server.start() // the background jobs are back
 * ```
 */
export class TestServer implements AsyncDisposable {
  /** Where it listens. */
  readonly host = '127.0.0.1'
  /** The same through all starts. */
  readonly port: number
  readonly #options: TestServerOptions
  #server: GearmanServer | undefined

  private constructor(port: number, options: TestServerOptions) {
    this.port = port
    this.#options = options
  }

  /**
   * Starts one; on a free port unless the options name another one than 0.
   *
   * @throws what `GearmanServer` and its `listen()` throw
   */
  static async start(options: TestServerOptions = {}): Promise<TestServer> {
    const { port = 0 } = typeof options === 'function' ? {} : options
    if (port !== 0) return await startAt(new TestServer(port, options))
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await startAt(new TestServer(await findFreePort(), options))
      } catch (error) {
        // Somebody took the port between our look and our listening.
        if (attempt === PORT_ATTEMPTS || !isPortTaken(error)) throw error
      }
    }
  }

  /** The address as a host list takes it. */
  get address(): string {
    return `${this.host}:${this.port}`
  }

  /** The server that runs now; `undefined` while it is stopped. */
  get server(): GearmanServer | undefined {
    return this.#server
  }

  /**
   * Starts it again, at the same port. The queue is empty unless there is a store.
   *
   * @throws Error when it runs
   */
  async start(): Promise<void> {
    if (this.#server !== undefined) throw new Error('the test server is running already')
    const options = typeof this.#options === 'function' ? this.#options() : this.#options
    const server = new GearmanServer({ ...options, host: this.host, port: this.port })
    this.#server = server
    try {
      await server.listen()
    } catch (error) {
      this.#server = undefined
      throw error
    }
  }

  /** Closes all connections at once. What no store holds is lost. Idempotent. */
  async kill(): Promise<void> {
    const server = this.#server
    await server?.close()
    if (this.#server === server) this.#server = undefined
  }

  /** Takes no new job, lets running ones end, and closes. Idempotent. */
  async stop(): Promise<void> {
    const server = this.#server
    await server?.close({ graceful: true })
    if (this.#server === server) this.#server = undefined
  }

  /** {@link kill} and {@link start}. */
  async restart(): Promise<void> {
    await this.kill()
    await this.start()
  }

  /** As {@link kill}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.kill()
  }
}

async function startAt(server: TestServer): Promise<TestServer> {
  await server.start()
  return server
}

function isPortTaken(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && cause.code === 'EADDRINUSE') return true
  }
  return false
}
