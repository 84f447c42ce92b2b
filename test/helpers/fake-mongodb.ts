/**
 * What `MongodbStore` uses of the package `mongodb`, with documents in memory that pass through BSON. It shows that
 * the store uses it rightly; what MongoDB does with it, a suite shows that runs with `MONGODB_URL` only.
 */

type Document = Record<string, unknown>

/** What is used of BSON. */
export interface Bson {
  serialize(document: object): Uint8Array
  deserialize(bytes: Uint8Array, options: object): Document
}

/** What outlives the clients. */
export interface FakeMongodb {
  readonly MongoClient: unknown
  /** The documents of a collection, by `_id`. */
  documents(database: string, collection: string): Map<unknown, Document>
  /** Whether it says that it is part of a replica set. */
  isReplicaSet: boolean
  /** Errors for the next commits of transactions. */
  readonly commitErrors: Error[]
}

/** Makes an empty database. */
export function makeFakeMongodb(bson: Bson): FakeMongodb {
  const collections = new Map<string, Map<unknown, Document>>()
  const copy = (document: Document): Document => {
    // As the driver does it: a Buffer is a Buffer again.
    return bson.deserialize(bson.serialize(document), { promoteBuffers: true })
  }
  const fake: FakeMongodb = {
    isReplicaSet: true,
    commitErrors: [],
    documents: (database, collection) => {
      const name = `${database}.${collection}`
      const documents = collections.get(name) ?? new Map<unknown, Document>()
      collections.set(name, documents)
      return documents
    },
    MongoClient: class {
      async connect(): Promise<void> {}
      async close(): Promise<void> {}
      db(database: string): object {
        return {
          command: async () => (fake.isReplicaSet ? { setName: 'rs' } : {}),
          collection: (name: string) => new FakeCollection(fake.documents(database, name), copy),
        }
      }
      startSession(): object {
        let before: Map<string, Map<unknown, Document>>
        return {
          startTransaction: () => {
            before = new Map(Array.from(collections, ([name, each]) => [name, new Map(each)]))
          },
          commitTransaction: async () => {
            const error = fake.commitErrors.shift()
            if (error !== undefined) throw error
          },
          abortTransaction: async () => {
            for (const [name, documents] of before) {
              const target = collections.get(name)
              target?.clear()
              for (const [id, document] of documents) target?.set(id, document)
            }
          },
          endSession: async () => undefined,
        }
      }
    },
  }
  return fake
}

class FakeCollection {
  readonly #documents: Map<unknown, Document>
  readonly #copy: (document: Document) => Document

  constructor(documents: Map<unknown, Document>, copy: (document: Document) => Document) {
    this.#documents = documents
    this.#copy = copy
  }

  async updateOne(
    filter: Document,
    update: Document | Document[],
    options: { readonly upsert?: boolean } = {},
  ): Promise<{ matchedCount: number }> {
    const found = this.#documents.get(filter['_id'])
    if (found === undefined && options.upsert === true) {
      const { $setOnInsert } = update as { $setOnInsert: Document }
      this.#put({ _id: filter['_id'], ...$setOnInsert })
    }
    if (found === undefined || !matches(found, filter)) return { matchedCount: 0 }
    this.#put(updated(found, update))
    return { matchedCount: 1 }
  }

  async bulkWrite(operations: readonly Record<string, Document>[]): Promise<void> {
    for (const { replaceOne, updateOne, deleteOne } of operations) {
      const { filter } = (replaceOne ?? updateOne ?? deleteOne) as { filter: Document }
      if (replaceOne !== undefined)
        this.#put({ ...filter, ...(replaceOne['replacement'] as object) })
      if (updateOne !== undefined) await this.updateOne(filter, updateOne['update'] as Document)
      if (deleteOne !== undefined) this.#documents.delete(filter['_id'])
    }
  }

  async findOne(filter: Document): Promise<Document | null> {
    const id = filter['_id']
    if (typeof id !== 'object') return this.#documents.get(id) ?? null
    return this.#sorted().findLast(({ _id }) => typeof _id === 'number') ?? null
  }

  async *find(): AsyncGenerator<Document> {
    for (const document of this.#sorted()) {
      if (document['_id'] !== 'queue') yield this.#copy(document)
    }
  }

  /** Numbers come before all else. */
  #sorted(): Document[] {
    const documents = Array.from(this.#documents.values())
    const rank = ({ _id }: Document): number => (typeof _id === 'number' ? _id : Number.MAX_VALUE)
    return documents.sort((one, other) => rank(one) - rank(other))
  }

  #put(document: Document): void {
    this.#documents.set(document['_id'], this.#copy(document))
  }
}

function matches(document: Document, { token, $or }: Document): boolean {
  if (token !== undefined && document['token'] !== token) return false
  const leaseUntil = document['leaseUntil'] as Date | undefined
  return $or === undefined || leaseUntil === undefined || Number(leaseUntil) <= Date.now()
}

function updated(document: Document, update: Document | Document[]): Document {
  const { $set, $inc, $unset } = (Array.isArray(update) ? update[0] : update) as Record<
    string,
    Document | undefined
  >
  const result = { ...document }
  for (const [field, value] of Object.entries($set ?? {})) result[field] = evaluated(value)
  for (const field of Object.keys($inc ?? {})) result[field] = Number(result[field] ?? 0) + 1
  for (const field of Object.keys($unset ?? {})) delete result[field]
  return result
}

function evaluated(value: unknown): unknown {
  const { $literal, $add } = Object(value) as { $literal?: unknown; $add?: [unknown, number] }
  if ($add !== undefined) return new Date(Date.now() + $add[1])
  return $literal ?? value
}
