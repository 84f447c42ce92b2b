import type { GearmanConnection } from '../connection/connection.ts'
import type { ConnectionGroup } from '../connection/connection-group.ts'
import { createDeferred } from '../core/deferred.ts'
import type { AnyEncoder } from '../encoders/data-encoder.ts'
import type { ClientSession } from './client-session.ts'
import { askAbout, type JobByHandle, type JobByUnique, sessionOf } from './job-questions.ts'
import { decodeResult, type JobResult } from './job-result.ts'
import { ResultSlot } from './result-slot.ts'

/** Asks servers what became of background jobs. Only the bundled server can tell. */
export class JobResultReader {
  readonly #group: ConnectionGroup<ClientSession>

  constructor(group: ConnectionGroup<ClientSession>) {
    this.#group = group
  }

  /** What became of a job, by handle or by unique id. Throws as {@link askAbout} does, and EncodingError. */
  async read(job: JobByHandle | JobByUnique, encoder: AnyEncoder): Promise<JobResult> {
    return await askAbout(this.#group, job, {
      byHandle: (connection, handle) => this.#ask(connection, [handle, ''], encoder),
      byUnique: (connection, unique) => this.#ask(connection, ['', unique], encoder),
      isKnown: ({ state }) => state !== 'unknown',
    })
  }

  async #ask(
    connection: GearmanConnection,
    key: readonly [handle: string, unique: string],
    encoder: AnyEncoder,
  ): Promise<JobResult> {
    const session = await sessionOf(this.#group, connection)
    await session.allowOwnPackets()
    const answer = createDeferred<JobResult>()
    const decode = (raw: Parameters<typeof decodeResult>[0]): JobResult =>
      decodeResult(raw, encoder)
    session.askForResult(new ResultSlot(connection.server, decode, answer), key)
    return await answer.promise
  }
}
