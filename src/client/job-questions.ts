import type { GearmanConnection } from '../connection/connection.ts'
import type { ConnectionGroup } from '../connection/connection-group.ts'
import { resolveAddress } from '../connection/server-address.ts'
import { show } from '../core/checks.ts'
import { InvalidArgumentError, ServerUnavailable } from '../errors.ts'
import { checkName } from '../jobs/job-checks.ts'
import { MAX_HANDLE_BYTES, MAX_UNIQUE_BYTES } from '../protocol/limits.ts'
import { ClientSession } from './client-session.ts'

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

/** How one connection is asked about a job, by handle or by unique id. */
export interface JobQuestion<Answer> {
  /** Asks for the job of a handle. */
  byHandle(connection: GearmanConnection, handle: string): Promise<Answer>
  /** Asks for the job of a unique id. */
  byUnique(connection: GearmanConnection, unique: string): Promise<Answer>
  /** Whether the server that answered knows the job. */
  isKnown(answer: Answer): boolean
}

/**
 * Asks about a job of which there is no request: its server, or for a unique id all servers, and the first that
 * knows it wins.
 *
 * @throws InvalidArgumentError for anything else, for a server that is not one of the client's, or a handle or unique id that none can have
 * @throws ServerUnavailable when the server, or none of them, can be reached
 * @throws ServerError, ConnectionError when those that could be reached did not answer
 */
export async function askAbout<Answer>(
  group: ConnectionGroup<ClientSession>,
  job: JobByHandle | JobByUnique,
  question: JobQuestion<Answer>,
): Promise<Answer> {
  if (typeof job === 'object' && job !== null) {
    if ('handle' in job) {
      const handle = checkName('handle', job.handle, 1, MAX_HANDLE_BYTES)
      return await question.byHandle(connectionTo(group, job.server), handle)
    }
    if ('unique' in job) {
      const unique = checkName('unique', job.unique, 1, MAX_UNIQUE_BYTES)
      return await askAll(group, unique, question)
    }
  }
  throw new InvalidArgumentError(
    'job',
    `must be a request, { handle, server } or { unique }, not ${show(job)}`,
  )
}

/**
 * The session of a connection, which is dialled first if needed.
 *
 * @throws ServerUnavailable when it cannot be reached
 */
export async function sessionOf(
  group: ConnectionGroup<ClientSession>,
  connection: GearmanConnection,
): Promise<ClientSession> {
  const own = group.connections.find((other) => other === connection)
  if (own === undefined) throw new InvalidArgumentError('connection', 'is not one of this client')
  if (!own.connected) await group.whenSettled(own)
  const { session, server } = connection
  if (session instanceof ClientSession) return session
  throw new ServerUnavailable([{ server, cause: connection.lastError }])
}

function connectionTo(
  group: ConnectionGroup<ClientSession>,
  server: string,
): GearmanConnection<ClientSession> {
  const { name } = resolveAddress(server, undefined)
  const connection = group.connections.find((other) => other.server === name)
  if (connection !== undefined) return connection
  throw new InvalidArgumentError('server', `${name} is not one of this client's servers`)
}

async function askAll<Answer>(
  group: ConnectionGroup<ClientSession>,
  unique: string,
  question: JobQuestion<Answer>,
): Promise<Answer> {
  const unknown: Answer[] = []
  const answers = group.connections.map(async (connection) => {
    const answer = await question.byUnique(connection, unique)
    if (question.isKnown(answer)) return answer
    unknown.push(answer)
    // Control flow only: this is no answer while others may know the job.
    throw new Error('unknown')
  })
  try {
    return await Promise.any(answers)
  } catch (error) {
    const [answer] = unknown
    if (answer !== undefined) return answer
    const reasons: unknown[] = error instanceof AggregateError ? error.errors : [error]
    // A server that said why it does not answer was reached.
    throw reasons.find((reason) => !(reason instanceof ServerUnavailable)) ?? group.unavailable()
  }
}
