/** The submitting side of a load, in a process of its own: `load-client.ts ADDRESS SHAPE`. Told what to do over IPC. */
import { PacketType } from '../../../src/protocol/packets.ts'
import { RawConnection, requestBytes } from '../../harness/raw-connection.ts'
import {
  functionName,
  type LoadCommand,
  type LoadReport,
  type LoadShape,
  Meter,
} from './load-shape.ts'

const WARM_UP_MS = 1000
const MEASURED_MS = 3000

const [address = '', shapeText = ''] = process.argv.slice(2)
const shape = JSON.parse(shapeText) as LoadShape
const data = Buffer.alloc(100, 'x')
const background = Array.from({ length: shape.functions }, (_, index) =>
  requestBytes('SUBMIT_JOB_BG', functionName(index), '', data),
)
const foreground = Array.from({ length: shape.functions }, (_, index) =>
  requestBytes('SUBMIT_JOB', functionName(index), '', data),
)
const connections = await RawConnection.openMany(address, shape.clients)
let lastFunction = 0

process.on('message', (command: LoadCommand) => {
  if (command.name === 'submit') submit(command.jobs, command.jobs / command.buckets)
  else if (command.name === 'trips') trips(command.inFlight)
})
report({ name: 'ready' })

/** Background jobs, a window of them under way on each connection. */
function submit(jobs: number, bucketJobs: number): void {
  const meter = new Meter(bucketJobs, (perSecond) => report({ name: 'rate', perSecond }))
  let unsent = jobs
  const sendOne = (connection: RawConnection): void => {
    if (unsent === 0) return
    unsent -= 1
    connection.queue(nextOf(background))
  }
  for (const connection of connections) {
    connection.onPacket = (type) => {
      if (type !== PacketType.JOB_CREATED) throw new Error(`packet ${type} instead of JOB_CREATED`)
      meter.count()
      sendOne(connection)
    }
    for (let sent = 0; sent < shape.window; sent += 1) sendOne(connection)
  }
  for (const connection of connections) connection.flush()
}

/** Foreground jobs, each on the next connection and for the next function, for a while. */
function trips(inFlight: number): void {
  const startMs = performance.now() + WARM_UP_MS
  const endMs = startMs + MEASURED_MS
  let count = 0
  let lastConnection = 0
  let isOver = false
  const sendOne = (): void => {
    lastConnection = (lastConnection + 1) % connections.length
    connections[lastConnection]?.queue(nextOf(foreground))
    connections[lastConnection]?.flush()
  }
  for (const connection of connections) {
    connection.onPacket = (type) => {
      if (type !== PacketType.WORK_COMPLETE) return
      const nowMs = performance.now()
      if (nowMs >= startMs && nowMs <= endMs) count += 1
      if (nowMs <= endMs) sendOne()
      else if (!isOver) {
        isOver = true
        report({ name: 'rate', perSecond: (count / MEASURED_MS) * 1000 })
      }
    }
  }
  for (let sent = 0; sent < inFlight; sent += 1) sendOne()
}

function nextOf(packets: readonly Buffer[]): Buffer {
  lastFunction = (lastFunction + 1) % packets.length
  return packets[lastFunction] ?? Buffer.alloc(0)
}

function report(message: LoadReport): void {
  process.send?.(message)
}
