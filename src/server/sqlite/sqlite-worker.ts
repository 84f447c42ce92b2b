/** The thread of a {@link SqliteStore}: an fsync takes milliseconds, and the server has other things to do. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { memoryOf } from './job-block.ts'
import type { ReplyValue, ThreadData, ThreadNews, ThreadReply, ThreadRequest } from './messages.ts'
import { memoryOfOutcomes } from './outcome-block.ts'
import { SqliteDatabase } from './sqlite-database.ts'

function serve(port: MessagePort): void {
  const tell = (news: ThreadNews): void => port.postMessage(news)
  const database = new SqliteDatabase(workerData as ThreadData, tell)
  port.on('message', (request: ThreadRequest) => {
    const reply = (message: ThreadReply): void => port.postMessage(message, transferred(message))
    answer(database, request).then(
      (value) => reply({ type: 'done', value }),
      (error: NodeJS.ErrnoException) =>
        reply({ type: 'failed', message: error.message, code: error.code }),
    )
  })
}

async function answer(database: SqliteDatabase, request: ThreadRequest): Promise<ReplyValue> {
  switch (request.type) {
    case 'open':
      return await database.open(request.owner, request.isFirst)
    case 'replay':
      return database.replay(request.afterKey)
    case 'replayOutcomes':
      return database.replayOutcomes(request.afterKey)
    case 'commit':
      database.commit(request)
      return undefined
    case 'export':
      return database.export()
    case 'close':
      database.close()
      return undefined
  }
}

function transferred(message: ThreadReply): readonly ArrayBuffer[] {
  const value = message.type === 'done' ? message.value : undefined
  if (typeof value !== 'object') return []
  if ('numbers' in value) return memoryOf(value)
  return 'outputs' in value ? memoryOfOutcomes(value) : []
}

if (parentPort !== null) serve(parentPort)
