import { GearmandExport, type GearmandLimits } from '../stores/gearmand-export.ts'
import type { ExportedJobs, StoredJob } from '../stores/queue-store.ts'
import type { RedisArgument } from './driver.ts'
import type { QueueKeys } from './queue-keys.ts'
import type { RedisConnection } from './redis-connection.ts'
import { EXPORT_SCRIPT } from './redis-scripts.ts'

const LIMITS: GearmandLimits = {
  canDelay: false,
  problemOf({ functionName, data }) {
    // How gearmand 1.1.20 reads its keys and its data (`libgearman-server/plugins/queue/redis/queue.cc`).
    if (functionName.includes('-')) return 'have a hyphen in the task name, where gearmand ends it'
    return data.includes(0) ? 'have a NUL byte in their data, where gearmand cuts it' : undefined
  },
}

/** Moves jobs to gearmand's keys: a batch is one script, so each is here or there whenever this ends. */
export class GearmandKeysExport {
  readonly #connection: RedisConnection
  readonly #keys: QueueKeys
  readonly #token: string
  readonly #prefix: string
  readonly #exported = new GearmandExport()

  constructor(connection: RedisConnection, keys: QueueKeys, token: string, prefix: string) {
    this.#connection = connection
    this.#keys = keys
    this.#token = token
    this.#prefix = prefix
  }

  /** Moves what gearmand can hold. */
  async move(jobs: readonly StoredJob[]): Promise<void> {
    const names: Buffer[] = []
    const args: RedisArgument[] = []
    for (const job of jobs) {
      const moved = this.#exported.take(job, LIMITS)
      if (moved === undefined) continue
      const name = `${this.#prefix}-${moved.functionName}-${moved.unique}`
      names.push(Buffer.from(name, 'latin1'))
      args.push(job.key, moved.data, moved.priority)
    }
    const { meta, jobs: jobsKey, index, retries } = this.#keys
    const [answer, owner] = await this.#connection.run(
      EXPORT_SCRIPT,
      [meta, jobsKey, index, retries, ...names],
      [this.#token, ...args],
    )
    if (String(answer) === 'taken') throw new Error(`it was taken over by ${String(owner)}`)
  }

  /** What was moved. */
  report(): ExportedJobs {
    return this.#exported.report(`keys ${this.#prefix}-*`)
  }
}
