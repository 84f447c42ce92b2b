import type { GearmanConnection } from '../connection/connection.ts'

/** {@link GearmanJob.toDict}: the keys are Python's. */
export interface GearmanJobDict<Data = unknown> {
  /** The task of the job. */
  readonly task: string
  /** The handle that the server gave it. */
  readonly job_handle: string | undefined
  /** Its unique id. */
  readonly unique: string | undefined
  /** Its data, not encoded. */
  readonly data: Data
}

/** One job: what is to be done, and on which server it is. */
export class GearmanJob<Data = unknown> {
  /** The server it is on; `undefined` before it is sent. */
  connection: GearmanConnection | undefined
  /** The handle that the server gave it; it means nothing to other servers. */
  handle: string | undefined
  /** The task: what the protocol calls function. */
  task: string
  /** The unique id; `undefined` where the server did not tell it. */
  unique: string | undefined
  /** The data as the caller gave it, or as it was decoded; never the encoded bytes. */
  data: Data

  constructor(
    connection: GearmanConnection | undefined,
    handle: string | undefined,
    task: string,
    unique: string | undefined,
    data: Data,
  ) {
    this.connection = connection
    this.handle = handle
    this.task = task
    this.unique = unique
    this.data = data
  }

  /** The job as a plain object, with Python's keys. */
  toDict(): GearmanJobDict<Data> {
    return { task: this.task, job_handle: this.handle, unique: this.unique, data: this.data }
  }
}
