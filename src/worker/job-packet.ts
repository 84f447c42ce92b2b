import { detachFrom } from '../encoders/detach.ts'
import { argumentEnd, readHandle, readText } from '../protocol/arguments.ts'
import { PacketType } from '../protocol/packets.ts'
import { RepeatedText } from '../protocol/repeated-text.ts'

/** What a JOB_ASSIGN packet of any of the three kinds says. */
export interface JobPacket {
  /** The handle of the job. */
  readonly handle: string
  /** Its task. */
  readonly task: string
  /** Its unique id; `undefined` where the packet has none. */
  readonly unique: string | undefined
  /** The task that reduces its result; `undefined` where it has none. */
  readonly reducer: string | undefined
  /** Its data: the memory is theirs. */
  readonly payload: Buffer
}

/** Whether a packet assigns a job. */
export function isJobPacket(type: number): boolean {
  return (
    type === PacketType.JOB_ASSIGN_UNIQ ||
    type === PacketType.JOB_ASSIGN ||
    type === PacketType.JOB_ASSIGN_ALL
  )
}

/**
 * Reads a JOB_ASSIGN, JOB_ASSIGN_UNIQ or JOB_ASSIGN_ALL.
 *
 * @param tasks - reads its task, which is mostly that of the job before
 * @throws ProtocolError when it is truncated
 */
export function readJobPacket(
  type: number,
  body: Buffer,
  start = 0,
  bodyEnd: number = body.length,
  tasks: RepeatedText = new RepeatedText(),
): JobPacket {
  const handleEnd = argumentEnd(type, body, start, bodyEnd)
  const handle = readHandle(body, handleEnd, start)
  let end = argumentEnd(type, body, handleEnd + 1, bodyEnd)
  const task = tasks.read(body, handleEnd + 1, end)
  let unique: string | undefined
  let reducer: string | undefined
  if (type !== PacketType.JOB_ASSIGN) {
    const uniqueStart = end + 1
    end = argumentEnd(type, body, uniqueStart, bodyEnd)
    unique = readText(body, uniqueStart, end)
  }
  if (type === PacketType.JOB_ASSIGN_ALL) {
    const reducerStart = end + 1
    end = argumentEnd(type, body, reducerStart, bodyEnd)
    // gearmand answers with JOB_ASSIGN_UNIQ then; another server may leave it empty.
    if (end > reducerStart) reducer = readText(body, reducerStart, end)
  }
  return { handle, task, unique, reducer, payload: detachFrom(body, end + 1, bodyEnd) }
}

/**
 * Reads what the first bytes of an oversized one say of its handle and task.
 *
 * @throws ProtocolError when not even the handle is whole
 */
export function readJobFront(type: number, front: Buffer): JobPacket {
  const handleEnd = argumentEnd(type, front, 0)
  const taskEnd = front.indexOf(0, handleEnd + 1)
  return {
    handle: readHandle(front, handleEnd),
    task: readText(front, handleEnd + 1, taskEnd === -1 ? front.length : taskEnd),
    unique: undefined,
    reducer: undefined,
    payload: front.subarray(front.length),
  }
}
