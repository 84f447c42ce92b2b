import { createRequire } from 'node:module'
import type { NodeLibrary } from './adapter.ts'

/** The parts of `gearman` 2.1.0 that are used. */
interface Gearman {
  connect(callback: () => void): void
  on(event: 'NOOP' | 'NO_JOB', listener: () => void): void
  on(event: 'JOB_CREATED', listener: (handle: string) => void): void
  on(event: 'WORK_COMPLETE', listener: (job: { handle: string; payload: Buffer }) => void): void
  on(
    event: 'JOB_ASSIGN',
    listener: (job: { handle: string; func_name: string; payload: Buffer }) => void,
  ): void
  submitJob(
    name: string,
    data: Buffer,
    options: { background?: boolean; unique_id?: string | undefined },
  ): void
  addFunction(name: string): void
  preSleep(): void
  grabJob(): void
  sendWorkComplete(handle: string, data: Buffer): void
}

const create = createRequire(import.meta.url)('gearman') as (host: string, port: number) => Gearman

async function connect(host: string, port: number): Promise<Gearman> {
  const connection = create(host, port)
  await new Promise<void>((resolve) => connection.connect(resolve))
  return connection
}

/** `gearman` of npm. It has events, and does not tell whose they are: handles are kept here, in the order of replies. */
export const library: NodeLibrary = {
  connectClient: async (host, port) => {
    const connection = await connect(host, port)
    const unaccepted: ((handle: string) => void)[] = []
    const running = new Map<string, (result: Buffer) => void>()
    connection.on('JOB_CREATED', (handle) => unaccepted.shift()?.(handle))
    connection.on('WORK_COMPLETE', ({ handle, payload }) => {
      running.get(handle)?.(payload)
      running.delete(handle)
    })
    return {
      call: (payload) =>
        new Promise((resolve) => {
          unaccepted.push((handle) => running.set(handle, resolve))
          connection.submitJob('echo', payload, {})
        }),
      background: (payload, unique) =>
        new Promise((resolve) => {
          unaccepted.push(resolve)
          connection.submitJob('sink', payload, { background: true, unique_id: unique })
        }),
      submitForNobody: (payload) => {
        unaccepted.push((handle) => running.set(handle, () => undefined))
        connection.submitJob('nobody', payload, {})
      },
    }
  },
  startWorker: async (host, port, _concurrency, { echo, sink }) => {
    const connection = await connect(host, port)
    connection.on('JOB_ASSIGN', ({ handle, func_name, payload }) => {
      let result = Buffer.alloc(0)
      if (func_name === 'echo') result = Buffer.from(echo(payload))
      else sink(payload)
      connection.sendWorkComplete(handle, result)
      connection.grabJob()
    })
    connection.on('NOOP', () => connection.grabJob())
    connection.on('NO_JOB', () => connection.preSleep())
    connection.addFunction('echo')
    connection.addFunction('sink')
    connection.grabJob()
  },
}
