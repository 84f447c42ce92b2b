import type { GearmanConnection } from '../connection/connection.ts'
import type { ConnectionGroup } from '../connection/connection-group.ts'
import type { GearmanError } from '../errors.ts'
import { PacketType } from '../protocol/packets.ts'
import type { ClientSession } from './client-session.ts'
import { askAbout, type JobByHandle, type JobByUnique, sessionOf } from './job-questions.ts'
import type { JobStatus } from './job-status.ts'
import { StatusSlot } from './status-slot.ts'

/** Asks servers how jobs do of which there is no request: from any process. */
export class JobStatusReader {
  readonly #group: ConnectionGroup<ClientSession>

  constructor(group: ConnectionGroup<ClientSession>) {
    this.#group = group
  }

  /** The status of a job by handle, or by unique id. Throws as {@link askAbout} does. */
  async read(job: JobByHandle | JobByUnique): Promise<JobStatus> {
    return await askAbout(this.#group, job, {
      byHandle: (connection, handle) => this.ask(connection, PacketType.GET_STATUS, handle),
      byUnique: (connection, unique) => this.ask(connection, PacketType.GET_STATUS_UNIQUE, unique),
      isKnown: ({ known }) => known,
    })
  }

  /** Asks one server, connecting first if needed. */
  async ask(connection: GearmanConnection, type: number, key: string): Promise<JobStatus> {
    const session = await sessionOf(this.#group, connection)
    return await new Promise((resolve, reject: (error: GearmanError) => void) => {
      session.ask(new StatusSlot(connection.server, resolve, reject), type, key)
    })
  }
}
