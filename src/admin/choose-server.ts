import type { GearmanConnection } from '../connection/connection.ts'
import { resolveAddress, type ServerAddress } from '../connection/server-address.ts'
import type { Session } from '../connection/session.ts'
import { InvalidArgumentError } from '../errors.ts'

/**
 * The one server of an admin client.
 *
 * @param connections - one to each server of the list
 * @param server - which of them; left out: the only one
 * @throws InvalidArgumentError when that is none, or not one
 */
export function chooseServer<S extends Session>(
  connections: readonly GearmanConnection<S>[],
  server: ServerAddress | undefined,
): GearmanConnection<S> {
  const listed = connections.map((connection) => connection.server).join(', ')
  if (server === undefined) {
    const [only, ...others] = connections
    if (only !== undefined && others.length === 0) return only
    throw new InvalidArgumentError(
      'server',
      `must be given: an admin client speaks to one server, here are ${listed}`,
    )
  }
  const { name } = resolveAddress(server, undefined)
  const chosen = connections.find((connection) => connection.server === name)
  if (chosen !== undefined) return chosen
  throw new InvalidArgumentError('server', `must be one of ${listed}, not ${name}`)
}
