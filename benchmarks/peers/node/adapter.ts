/** What a benchmark asks of a library as a client. */
export interface ClientAdapter {
  /** A foreground job of the task `echo`; resolves with its result. */
  call(payload: Buffer): Promise<Uint8Array>
  /** A background job of the task `sink`; resolves when it is accepted. */
  background(payload: Buffer, unique: string | undefined): Promise<unknown>
  /** Many of them in one call; resolves when all are accepted. Absent where a library has no such call. */
  backgroundMany?(payload: Buffer, unique: string | undefined, count: number): Promise<unknown>
  /** A foreground job of a task that nobody works on. */
  submitForNobody(payload: Buffer): void
}

/** What a worker's program does with a job. */
export interface JobHandlers {
  /** Answers with what it was sent. */
  echo(payload: Buffer): Buffer
  /** Answers with nothing. */
  sink(payload: Buffer): void
}

/** A library of npm, or this one. */
export interface NodeLibrary {
  /** Connects. */
  connectClient(host: string, port: number): Promise<ClientAdapter>
  /** Works on `echo` and `sink`, on as many jobs at once as it can, `concurrency` at most. */
  startWorker(
    host: string,
    port: number,
    concurrency: number,
    handlers: JobHandlers,
  ): Promise<unknown>
}
