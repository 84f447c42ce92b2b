import { GearmanClient, GearmanWorker } from 'gearman-sdk'
import type { NodeLibrary } from './adapter.ts'

/** A list of several servers takes the place of a host: the program's port belongs to the last of them. */
function hostList(host: string, port: number): string {
  return `${host}:${port}`
}

/** The calls for nobody end with their process. */
function ignore(): void {}

/** This library, with its defaults but for the concurrency. */
export const library: NodeLibrary = {
  connectClient: async (host, port) => {
    const client = new GearmanClient(hostList(host, port))
    await client.submitJob('warm-up', '', { background: true })
    return {
      call: (payload) => client.do('echo', payload),
      background: (payload, unique) =>
        client.submitJob(
          'sink',
          payload,
          unique === undefined ? { background: true } : { background: true, unique },
        ),
      backgroundMany: (payload, unique, count) => {
        const job =
          unique === undefined
            ? { task: 'sink', data: payload }
            : { task: 'sink', data: payload, unique }
        return client.submitMultipleJobs(
          Array.from({ length: count }, () => job),
          { background: true },
        )
      },
      submitForNobody: (payload) => {
        client.do('nobody', payload).catch(ignore)
      },
    }
  },
  startWorker: async (host, port, concurrency, { echo, sink }) => {
    const worker = new GearmanWorker(hostList(host, port), { concurrency })
    worker.registerTask('echo', (_worker, job) => echo(job.data))
    worker.registerTask('sink', (_worker, job) => sink(job.data))
    const started = new Promise((resolve) => worker.once('state', resolve))
    worker.work().catch((error: unknown) => {
      throw error
    })
    await started
  },
}
