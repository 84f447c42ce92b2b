import { processorMs, residentMib } from '../../harness/process-usage.ts'
import { startProcess } from '../../harness/processes.ts'
import type { BenchmarkServer } from '../../harness/servers.ts'
import type { Study } from '../../harness/study.ts'

const WORKERS = 1000
const WATCHED_MS = 10_000

/** What a server does while 1,000 workers sleep: next to nothing. */
export const idle: Study = {
  name: 'idle',
  title: 'what 1,000 sleeping workers cost',
  async run(servers: readonly BenchmarkServer[]): Promise<void> {
    const rows: Record<string, string | number>[] = []
    for (const server of servers) {
      rows.push(await watch(server.name, server))
      if (server.name !== 'gearmand') {
        rows.push(await watch(`${server.name}, idleTimeout 60 s`, server, { idleTimeout: 60_000 }))
      }
    }
    console.table(rows)
  },
}

async function watch(
  title: string,
  server: BenchmarkServer,
  bundled: Readonly<Record<string, unknown>> = {},
): Promise<Record<string, string | number>> {
  const running = await server.start({ bundled })
  const workers = startProcess(new URL('./sleepers-process.ts', import.meta.url), [
    running.address,
    String(WORKERS),
  ])
  try {
    await workers.next()
    await pause(1000)
    const before = processorMs(running.pid)
    await pause(WATCHED_MS)
    return {
      server: title,
      'sleeping workers': WORKERS,
      'processor ms in 10 s': processorMs(running.pid) - before,
      'memory MiB': Math.round(residentMib(running.pid)),
    }
  } finally {
    await workers.stop()
    await running.stop()
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
