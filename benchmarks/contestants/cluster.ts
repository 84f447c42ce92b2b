import type { RunningServer } from '../harness/servers.ts'
import type { ServerKind } from './server-kinds.ts'

/** Several servers of a kind as one: the address is a list. */
export function cluster(kind: ServerKind, count: number): ServerKind {
  return {
    ...kind,
    start: async () => {
      const servers: RunningServer[] = []
      const stop = async (): Promise<void> => {
        for (const server of servers) await server.stop()
      }
      try {
        while (servers.length < count) servers.push(await kind.start())
      } catch (error) {
        await stop()
        throw error
      }
      const [first] = servers
      return {
        address: servers.map(({ address }) => address).join(','),
        pid: first?.pid ?? 0,
        stop,
      }
    },
  }
}
