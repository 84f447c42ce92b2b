import { setTimeout as sleep } from 'node:timers/promises'
import { type ConnectionManagerOptions, GearmanClient, GearmanWorker } from 'gearman-sdk'
import type { StandingServer } from './standing-servers.ts'

/** How long two calls took, in milliseconds from the loss of their server. */
export interface Detour {
  /** The one that ran there: it is idempotent, and runs again elsewhere. */
  readonly underWayMs: number
  /** The next one. */
  readonly nextMs: number
}

/** Takes a server of several away in the middle of a call, by SIGKILL or SIGSTOP. */
export async function measureDetour(
  servers: readonly StandingServer[],
  signal: 'SIGKILL' | 'SIGSTOP',
  options: ConnectionManagerOptions,
): Promise<Detour> {
  const addresses = servers.map(({ port }) => `127.0.0.1:${port}`)
  await using client = new GearmanClient(addresses, options)
  await using worker = new GearmanWorker(addresses, { ...options, concurrency: 10 })
  let tellStarted: (port: number) => void = () => undefined
  const started = new Promise<number>((resolve) => {
    tellStarted = resolve
  })
  let runs = 0
  worker.registerTask('bench', () => 'done')
  worker.registerTask('held', async (_worker, job) => {
    runs += 1
    if (runs > 1) return 'done'
    tellStarted(job.connection?.port ?? 0)
    return await new Promise<string>((_resolve, reject) => {
      job.signal.addEventListener('abort', () => reject(job.signal.reason))
    })
  })
  const working = worker.work()
  await Promise.all([worker.ready({ all: true }), client.ready({ all: true })])
  const underWay = client.do('held', '', { idempotent: true })
  const port = await started
  const victim = servers.find((server) => server.port === port)
  if (victim === undefined) throw new Error('the job runs at one of the servers')
  const startMs = performance.now()
  if (signal === 'SIGKILL') await victim.stop('SIGKILL')
  else victim.signal(signal)
  const since = (): number => performance.now() - startMs
  const next = client.do('bench', '', { idempotent: true }).then(since)
  const detour = { underWayMs: await underWay.then(since), nextMs: await next }
  await worker.shutdown()
  await working
  if (signal === 'SIGKILL') await victim.start()
  else victim.signal('SIGCONT')
  await sleep(10)
  return detour
}
