import { createRequire } from 'node:module'
import type { NodeLibrary } from './adapter.ts'

/** The parts of `abraxas` 2.1.10 that are used. */
interface Abraxas {
  readonly Client: {
    connect(
      options: { host: string; port: number; maxJobs?: number },
      callback: () => void,
    ): {
      submitJob(
        name: string,
        options: object,
        payload: Buffer,
        callback: (error: Error | null, result: Buffer) => void,
      ): void
      submitJobBg(
        name: string,
        options: { uniqueid?: string },
        payload: Buffer,
        callback: (error: Error | null) => void,
      ): void
      registerWorker(
        name: string,
        options: object,
        work: (task: { readonly payload: Buffer; end(result?: Buffer): void }) => void,
      ): void
    }
  }
}

const abraxas = createRequire(import.meta.url)('abraxas') as Abraxas

type Connection = ReturnType<Abraxas['Client']['connect']>

async function connect(options: {
  host: string
  port: number
  maxJobs?: number
}): Promise<Connection> {
  return await new Promise((resolve) => {
    const connection = abraxas.Client.connect(options, () => resolve(connection))
  })
}

/** `abraxas` of npm: the only one of them with a limit of jobs at once. */
export const library: NodeLibrary = {
  connectClient: async (host, port) => {
    const connection = await connect({ host, port })
    return {
      call: (payload) =>
        new Promise((resolve, reject) => {
          connection.submitJob('echo', {}, payload, (error, result) => {
            if (error) reject(error)
            else resolve(result)
          })
        }),
      background: (payload, unique) =>
        new Promise<void>((resolve, reject) => {
          const options = unique === undefined ? {} : { uniqueid: unique }
          connection.submitJobBg('sink', options, payload, (error) => {
            if (error) reject(error)
            else resolve()
          })
        }),
      submitForNobody: (payload) => {
        connection.submitJob('nobody', {}, payload, () => undefined)
      },
    }
  },
  startWorker: async (host, port, concurrency, { echo, sink }) => {
    const connection = await connect({ host, port, maxJobs: concurrency })
    connection.registerWorker('echo', {}, (task) => task.end(echo(task.payload)))
    connection.registerWorker('sink', {}, (task) => {
      sink(task.payload)
      task.end()
    })
  },
}
