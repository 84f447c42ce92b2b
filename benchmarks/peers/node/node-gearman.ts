import type { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import type { NodeLibrary } from './adapter.ts'

/** The parts of `node-gearman` 0.2.2 that are used. */
interface NodeGearman extends EventEmitter {
  connect(): void
  registerWorker(
    name: string,
    work: (payload: Buffer, job: { end(result?: Buffer): void }) => void,
  ): void
  submitJob(
    name: string,
    payload: Buffer,
    unique?: string,
    options?: { background?: boolean },
  ): EventEmitter
  receive_JOB_CREATED(handle: string, callback: unknown): void
}

const Gearman = createRequire(import.meta.url)('node-gearman') as new (
  host: string,
  port: number,
) => NodeGearman

async function connect(host: string, port: number): Promise<NodeGearman> {
  const connection = new Gearman(host, port)
  const connected = new Promise((resolve) => connection.once('connect', resolve))
  connection.connect()
  await connected
  return connection
}

/**
 * `node-gearman` of npm. It does not tell when a background job is accepted: that is listened for below its API, in
 * processes that submit nothing else.
 */
export const library: NodeLibrary = {
  connectClient: async (host, port) => {
    const connection = await connect(host, port)
    const unaccepted: (() => void)[] = []
    return {
      call: (payload) =>
        new Promise((resolve, reject) => {
          const job = connection.submitJob('echo', payload)
          let result: Buffer = Buffer.alloc(0)
          job.on('data', (data: Buffer) => {
            result = data
          })
          job.on('end', () => resolve(result))
          job.on('error', reject)
        }),
      background: (payload, unique) =>
        new Promise<void>((resolve) => {
          connection.receive_JOB_CREATED = () => unaccepted.shift()?.()
          unaccepted.push(resolve)
          connection.submitJob('sink', payload, unique, { background: true })
        }),
      submitForNobody: (payload) => {
        connection.submitJob('nobody', payload)
      },
    }
  },
  startWorker: async (host, port, _concurrency, { echo, sink }) => {
    const connection = await connect(host, port)
    connection.registerWorker('echo', (payload, job) => job.end(echo(payload)))
    connection.registerWorker('sink', (payload, job) => {
      sink(payload)
      job.end()
    })
  },
}
