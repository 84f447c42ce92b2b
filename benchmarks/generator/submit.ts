import { report } from '../peers/node/report.ts'
import type { FastConnection } from './fast-connection.ts'
import { PacketCode, packet, uniqueSubmissions } from './prepared-packets.ts'

/** Background jobs, as fast as a server takes them. */
export interface Submit {
  readonly functionName: string
  readonly jobs: number
  readonly data: Buffer
  readonly isUnique: boolean
  readonly connections: readonly FastConnection[]
  /** How many are under way on each connection. */
  readonly window: number
  /** It stops after so long, however many are left. */
  readonly longestMs: number
}

/** Submits, and reports how many were accepted in which time. */
export async function submit({
  functionName,
  jobs,
  data,
  isUnique,
  connections,
  window,
  longestMs,
}: Submit): Promise<void> {
  const fixed = packet('SUBMIT_JOB_BG', functionName, '', data)
  const next = isUnique
    ? uniqueSubmissions('SUBMIT_JOB_BG', functionName, data)
    : (): Buffer => fixed
  report({ ready: true })
  const warmUpJobs = Math.floor(jobs / 10)
  const firstMs = performance.now()
  let startMs = firstMs
  let unsent = jobs
  let warmed = 0
  let accepted = 0
  const send = (connection: FastConnection, count: number): void => {
    for (let index = Math.min(count, unsent); index > 0; index -= 1) {
      connection.append(next())
      unsent -= 1
    }
  }
  await new Promise<void>((resolve, reject) => {
    for (const connection of connections) {
      let answers = 0
      connection.onPacket = (type) => {
        if (type !== PacketCode.JOB_CREATED) reject(new Error(`packet ${type}, not JOB_CREATED`))
        answers += 1
      }
      connection.onReadEnd = () => {
        accepted += answers
        const nowMs = performance.now()
        if (warmed === 0 && accepted >= warmUpJobs) {
          warmed = accepted
          startMs = nowMs
        }
        if (nowMs - firstMs > longestMs || accepted >= jobs) {
          unsent = 0
          resolve()
        }
        send(connection, answers)
        answers = 0
      }
      // All answers at once would leave nothing behind the warm-up.
      send(connection, Math.min(window, Math.max(1, Math.floor(jobs / 20))))
      connection.flush()
    }
  })
  report({ jobs: accepted - warmed, allJobs: accepted, ms: performance.now() - startMs })
}
