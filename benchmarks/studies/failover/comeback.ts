import { setTimeout as sleep } from 'node:timers/promises'
import { type ConnectionManagerOptions, GearmanWorker } from 'gearman-sdk'
import { RawPeer } from '../../../test/helpers/raw-peer.ts'
import type { StandingServer } from './standing-servers.ts'

const WORKERS = 10

/** How long it took until workers were registered again, in milliseconds from the first answer of the new server. */
export interface Comeback {
  readonly firstMs: number
  readonly allMs: number
}

/** Kills a server under ten workers, starts it again after a while, and asks it when it knows them. */
export async function measureComeback(
  server: StandingServer,
  downMs: number,
  options: ConnectionManagerOptions,
): Promise<Comeback> {
  const workers = Array.from({ length: WORKERS }, () => {
    const worker = new GearmanWorker([`127.0.0.1:${server.port}`], options)
    worker.registerTask('bench', () => 'done')
    void worker.work()
    return worker
  })
  try {
    await Promise.all(workers.map((worker) => worker.ready({ pollTimeout: 60_000 })))
    await server.stop('SIGKILL')
    await sleep(downMs)
    await server.start()
    return await watch(server, performance.now())
  } finally {
    await Promise.all(workers.map((worker) => worker.shutdown()))
  }
}

async function watch(server: StandingServer, startMs: number): Promise<Comeback> {
  const peer = await RawPeer.connect(server.port)
  try {
    let firstMs: number | undefined
    for (;;) {
      const rows = await peer.command('status')
      const workers = Number(rows[0]?.trim().split('\t')[3] ?? 0)
      if (workers > 0) firstMs ??= performance.now() - startMs
      if (workers === WORKERS) {
        return { firstMs: firstMs ?? 0, allMs: performance.now() - startMs }
      }
      await sleep(1)
    }
  } finally {
    peer.destroy()
    await peer.closed
  }
}
