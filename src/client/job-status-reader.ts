import type { GearmanConnection } from '../connection/connection.ts'
import type { ConnectionGroup } from '../connection/connection-group.ts'
import { resolveAddress } from '../connection/server-address.ts'
import { show } from '../core/checks.ts'
import { type GearmanError, InvalidArgumentError, ServerUnavailable } from '../errors.ts'
import { checkName } from '../jobs/job-checks.ts'
import { MAX_HANDLE_BYTES, MAX_UNIQUE_BYTES } from '../protocol/limits.ts'
import { PacketType } from '../protocol/packets.ts'
import { ClientSession } from './client-session.ts'
import type { JobStatus } from './job-status.ts'
import { StatusSlot } from './status-slot.ts'

/** A job that is known by the server and the handle that it was given there. */
export interface JobByHandle {
  /** The handle: at most 63 bytes. */
  readonly handle: string
  /** The server, as `host:port`. */
  readonly server: string
}

/** A job that is known by its unique id. */
export interface JobByUnique {
  /** The unique id: 1 to 63 bytes. */
  readonly unique: string
}

/** Asks servers about jobs of which there is no request: from any process. */
export class JobStatusReader {
  readonly #group: ConnectionGroup<ClientSession>

  constructor(group: ConnectionGroup<ClientSession>) {
    this.#group = group
  }

  /**
   * The status of a job by handle, or by unique id.
   *
   * @throws InvalidArgumentError for anything else
   */
  async read(job: JobByHandle | JobByUnique): Promise<JobStatus> {
    if (typeof job === 'object' && job !== null) {
      if ('handle' in job) return await this.byHandle(job)
      if ('unique' in job) return await this.byUnique(job)
    }
    throw new InvalidArgumentError(
      'job',
      `must be a request, { handle, server } or { unique }, not ${show(job)}`,
    )
  }

  /**
   * The status of a job by handle.
   *
   * @throws InvalidArgumentError for a server that is not one of the client's, or a handle that none can have
   * @throws ServerUnavailable when the server cannot be reached
   */
  async byHandle(job: JobByHandle): Promise<JobStatus> {
    const handle = checkName('handle', job.handle, 1, MAX_HANDLE_BYTES)
    const { name } = resolveAddress(job.server, undefined)
    const connection = this.#group.connections.find(({ server }) => server === name)
    if (connection === undefined) {
      throw new InvalidArgumentError('server', `${name} is not one of this client's servers`)
    }
    return await this.ask(connection, PacketType.GET_STATUS, handle)
  }

  /**
   * The status of a job by unique id: all servers are asked, and the first that knows it wins.
   *
   * @throws ServerUnavailable when none could be reached
   * @throws ServerError, ConnectionError when those that could be reached did not answer
   */
  async byUnique(job: JobByUnique): Promise<JobStatus> {
    const unique = checkName('unique', job.unique, 1, MAX_UNIQUE_BYTES)
    const answers = this.#group.connections.map(async (connection) => {
      const status = await this.ask(connection, PacketType.GET_STATUS_UNIQUE, unique)
      if (!status.known) throw new UnknownThere(status)
      return status
    })
    try {
      return await Promise.any(answers)
    } catch (error) {
      const reasons: unknown[] = error instanceof AggregateError ? error.errors : [error]
      const unknown = reasons.find((reason) => reason instanceof UnknownThere)
      if (unknown !== undefined) return unknown.status
      // A server that said why it does not answer was reached.
      throw (
        reasons.find((reason) => !(reason instanceof ServerUnavailable)) ??
        this.#group.unavailable()
      )
    }
  }

  /** Asks one server, connecting first if needed. */
  async ask(connection: GearmanConnection, type: number, key: string): Promise<JobStatus> {
    const own = this.#own(connection)
    if (!own.connected) await this.#group.whenSettled(own)
    const { session, server } = connection
    if (!(session instanceof ClientSession)) {
      throw new ServerUnavailable([{ server, cause: connection.lastError }])
    }
    return await new Promise((resolve, reject: (error: GearmanError) => void) => {
      session.ask(new StatusSlot(server, resolve, reject), type, key)
    })
  }

  #own(connection: GearmanConnection): GearmanConnection<ClientSession> {
    const own = this.#group.connections.find((other) => other === connection)
    if (own !== undefined) return own
    throw new InvalidArgumentError('connection', 'is not one of this client')
  }
}

/** Control flow only: a server that does not know the job is no answer while others may know it. */
class UnknownThere extends Error {
  readonly status: JobStatus

  constructor(status: JobStatus) {
    super('unknown')
    this.status = status
  }
}
