import type { RunningServer } from '../harness/servers.ts'
import type { Contestant, Effort, Sample } from './scenario.ts'
import type { ServerKind } from './server-kinds.ts'
import { WatchedProcesses } from './watched-processes.ts'

/** A contestant each of whose runs has a fresh server, whose process is watched. */
export function onServer(
  { name, problem }: Pick<Contestant, 'name' | 'problem'>,
  server: ServerKind,
  run: (running: RunningServer, watched: WatchedProcesses, effort: Effort) => Promise<Sample>,
): Contestant {
  return {
    name,
    problem: () => problem() ?? server.problem(),
    run: async (effort) => {
      const running = await server.start()
      try {
        const watched = new WatchedProcesses()
        watched.add('server', running.pid)
        return await run(running, watched, effort)
      } finally {
        await running.stop()
      }
    },
  }
}
