import type { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import type { NodeLibrary } from './adapter.ts'

/** The parts of `gearmanode` 0.9.2 that are used. */
interface Gearmanode {
  client(options: { host: string; port: number }): {
    submitJob(
      name: string,
      payload: Buffer,
      options?: { background?: boolean; unique?: string },
    ): EventEmitter & { readonly response: Buffer; close(): void }
  }
  worker(options: { host: string; port: number }): {
    addFunction(
      name: string,
      work: (job: {
        readonly payload: Buffer
        workComplete(result: Buffer | string): void
      }) => void,
    ): void
  }
}

const require = createRequire(import.meta.url)
const gearmanode = require('gearmanode') as Gearmanode

/** The log of `gearmanode`: unless told otherwise it complains on stderr, at each packet, that it has nowhere to go. */
interface Winston {
  readonly loggers: { get(name: string): { silent: boolean } }
}

const winston = createRequire(require.resolve('gearmanode'))('winston') as Winston
for (const name of ['Client', 'Worker', 'JobServer', 'Job', 'LBStrategy', 'protocol']) {
  winston.loggers.get(name).silent = true
}

/** `gearmanode` of npm. */
export const library: NodeLibrary = {
  connectClient: async (host, port) => {
    const client = gearmanode.client({ host, port })
    await new Promise((resolve) => {
      client.submitJob('warm-up', Buffer.alloc(0), { background: true }).on('created', resolve)
    })
    return {
      call: (payload) =>
        new Promise((resolve, reject) => {
          const job = client.submitJob('echo', payload)
          job.on('complete', () => resolve(job.response))
          job.on('error', reject)
        }),
      background: (payload, unique) =>
        new Promise<void>((resolve, reject) => {
          const options = unique === undefined ? {} : { unique }
          const job = client.submitJob('sink', payload, { background: true, ...options })
          job.on('error', reject)
          job.on('created', () => {
            job.close()
            resolve()
          })
        }),
      submitForNobody: (payload) => {
        client.submitJob('nobody', payload)
      },
    }
  },
  startWorker: async (host, port, _concurrency, { echo, sink }) => {
    const worker = gearmanode.worker({ host, port })
    worker.addFunction('echo', (job) => job.workComplete(echo(job.payload)))
    worker.addFunction('sink', (job) => {
      sink(job.payload)
      job.workComplete('')
    })
  },
}
