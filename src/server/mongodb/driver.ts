/** A document of the collection, with the values as they come. */
export interface MongoDocument {
  readonly _id: unknown
  readonly [field: string]: unknown
}

/** What is told to one operation. */
export interface MongoOperationOptions {
  readonly session?: MongoSession
  readonly upsert?: boolean
  readonly ordered?: boolean
}

/** What is used of a collection. */
export interface MongoCollection {
  updateOne(
    filter: object,
    update: object,
    options?: MongoOperationOptions,
  ): Promise<{ readonly matchedCount: number }>
  bulkWrite(operations: readonly object[], options: MongoOperationOptions): Promise<unknown>
  findOne(filter: object, options?: object): Promise<MongoDocument | null>
  find(filter: object, options: object): AsyncIterable<MongoDocument>
}

/** What is used of a session. */
export interface MongoSession {
  startTransaction(): void
  commitTransaction(): Promise<void>
  abortTransaction(): Promise<void>
  endSession(): Promise<void>
}

/** What is used of a client. */
export interface MongoClient {
  connect(): Promise<unknown>
  db(name: string): {
    command(command: object): Promise<{ readonly [field: string]: unknown }>
    collection(name: string): MongoCollection
  }
  startSession(): MongoSession
  close(): Promise<void>
}

/** The class that the package exports. */
export type MongoClientClass = new (url: string, options: object) => MongoClient

/** An error of the database or of the connection. */
export interface MongoError extends Error {
  readonly code?: number | string
  hasErrorLabel?(label: string): boolean
}

/** Loads the driver, which is an optional peer dependency. */
export async function loadDriver(): Promise<MongoClientClass> {
  try {
    const { MongoClient } = await import('mongodb')
    return MongoClient as unknown as MongoClientClass
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const isMissing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND'
    const reason = isMissing ? 'it is not installed' : message
    throw new Error(`it needs the package mongodb (npm install mongodb): ${reason}`, { cause })
  }
}
