import type { GearmanConnection } from '../connection/connection.ts'
import type { ConnectionGroup } from '../connection/connection-group.ts'
import { placeByHash, type ServerStrategy } from '../connection/server-selection.ts'
import type { ClientSession } from './client-session.ts'
import type { GearmanJobRequest } from './job-request.ts'

type ClientConnection = GearmanConnection<ClientSession>

/** Finds the server for a request (design 3.9). */
export class ServerChooser {
  readonly #group: ConnectionGroup<ClientSession>
  readonly #strategy: ServerStrategy

  constructor(group: ConnectionGroup<ClientSession>, strategy: ServerStrategy) {
    this.#group = group
    this.#strategy = strategy
  }

  /**
   * A connection that is ready, or a promise of one.
   *
   * The promise rejects with ServerUnavailable when every server was tried in vain; a patient request waits.
   */
  choose(request: GearmanJobRequest): ClientConnection | Promise<ClientConnection> {
    this.#group.open()
    // A closed group has no server that is ready, although the last ones may still be there.
    return hashKey(request) === undefined || this.#group.isClosed
      ? this.#chooseByLoad(request)
      : this.#chooseByHash(request)
  }

  #chooseByLoad(request: GearmanJobRequest): ClientConnection | Promise<ClientConnection> {
    const { ready } = this.#group
    const [only] = ready
    if (only === undefined) return this.#awaitServer(request)
    if (ready.length === 1) return only
    const { task, unique = '' } = request.gearmanJob
    return this.#strategy(ready, { task, unique })
  }

  async #awaitServer(request: GearmanJobRequest): Promise<ClientConnection> {
    await this.#group.whenReady(request.progress.isPatient)
    return await this.choose(request)
  }

  /**
   * The servers that count are those that are not known to be down: one that is being dialled for the first time is
   * waited for, so that equal jobs meet there from the start.
   */
  #chooseByHash(request: GearmanJobRequest): ClientConnection | Promise<ClientConnection> {
    const alive = this.#group.connections.filter(isNotDown)
    const best = placeByHash(alive, hashKey(request) ?? '', request.gearmanJob.task)
    if (best === undefined) return this.#awaitServer(request)
    return best.connected ? best : this.#awaitAttempt(request, best)
  }

  async #awaitAttempt(
    request: GearmanJobRequest,
    connection: ClientConnection,
  ): Promise<ClientConnection> {
    await this.#group.whenSettled(connection)
    return await this.choose(request)
  }
}

function isNotDown({ connected, isOver, lastError }: ClientConnection): boolean {
  return connected || (lastError === undefined && !isOver)
}

/** What makes jobs equal for a server: their unique id, or their data when that is `-`. */
function hashKey(request: GearmanJobRequest): string | Uint8Array | undefined {
  const { unique } = request.gearmanJob
  // One that was made up here has no equals.
  if (unique === request.randomUnique || unique === undefined || unique === '') return undefined
  return unique === '-' ? request.progress.payload : unique
}
