/** The working side of a load, in a process of its own: `load-worker.ts ADDRESS SHAPE`. Told what to do over IPC. */
import { PacketType } from '../../../src/protocol/packets.ts'
import { RawConnection, requestBytes } from '../../harness/raw-connection.ts'
import {
  functionName,
  type LoadCommand,
  type LoadReport,
  type LoadShape,
  Meter,
} from './load-shape.ts'

const [address = '', shapeText = ''] = process.argv.slice(2)
const shape = JSON.parse(shapeText) as LoadShape
const GRAB = requestBytes('GRAB_JOB')
const PRE_SLEEP = requestBytes('PRE_SLEEP')
const COMPLETE_FRONT = requestBytes('WORK_COMPLETE', '', '').subarray(0, 8)

const connections = await RawConnection.openMany(address, shape.workers)
for (const connection of connections) {
  for (let index = 0; index < shape.functions; index += 1) {
    connection.queue(requestBytes('CAN_DO', functionName(index)))
  }
  await connection.sync()
}

process.on('message', (command: LoadCommand) => {
  if (command.name === 'grab') grab(command.jobs / command.buckets)
  else if (command.name === 'serve') serve()
})
report({ name: 'ready' })

/** Takes what is queued, a window of grabs under way on each connection, until there is no more. */
function grab(bucketJobs: number): void {
  const meter = new Meter(bucketJobs, (perSecond) => report({ name: 'rate', perSecond }))
  for (const connection of connections) {
    connection.onPacket = (type, body) => {
      if (type !== PacketType.JOB_ASSIGN) return
      connection.queue(completion(body))
      connection.queue(GRAB)
      meter.count()
    }
    for (let sent = 0; sent < shape.window; sent += 1) connection.queue(GRAB)
  }
  for (const connection of connections) connection.flush()
}

/** Sleeps, wakes, grabs and works as workers do: one job at a time on each connection. */
function serve(): void {
  for (const connection of connections) {
    connection.onPacket = (type, body) => {
      if (type === PacketType.JOB_ASSIGN) {
        connection.queue(completion(body))
        connection.queue(GRAB)
      } else if (type === PacketType.NO_JOB) connection.queue(PRE_SLEEP)
      else if (type === PacketType.NOOP) connection.queue(GRAB)
    }
    connection.queue(PRE_SLEEP)
    connection.flush()
  }
  report({ name: 'ready' })
}

/** WORK_COMPLETE without a result, for the handle at the front of a JOB_ASSIGN. */
function completion(assignment: Buffer): Buffer {
  const handleBytes = assignment.indexOf(0) + 1
  const packet = Buffer.allocUnsafe(12 + handleBytes)
  COMPLETE_FRONT.copy(packet)
  packet.writeUInt32BE(handleBytes, 8)
  assignment.copy(packet, 12, 0, handleBytes)
  return packet
}

function report(message: LoadReport): void {
  process.send?.(message)
}
