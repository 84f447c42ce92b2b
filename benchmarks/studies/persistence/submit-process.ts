/**
 * Submits background jobs with unique ids, in a process of its own: `submit-process.ts ADDRESS`. Told how many over
 * IPC, by a {@link SubmitCommand}; answers with a {@link SubmitReport}.
 */
import { PacketType } from '../../../src/protocol/packets.ts'
import { RawConnection, requestBytes } from '../../harness/raw-connection.ts'

/** What it is told. */
export interface SubmitCommand {
  readonly jobs: number
  readonly inFlight: number
  /** It stops after so long, however many are left. */
  readonly longestMs: number
}

/** What it reports in the end. */
export interface SubmitReport {
  readonly accepted: number
  readonly refused: number
  readonly perSecond: number
}

const CONNECTIONS = 10
const FUNCTION = 'function-0'
const DIGITS = 10

const [address = ''] = process.argv.slice(2)
const connections = await RawConnection.openMany(address, CONNECTIONS)
const template = requestBytes('SUBMIT_JOB_BG', FUNCTION, '0'.repeat(DIGITS), Buffer.alloc(100, 'x'))
const digitsAt = 12 + FUNCTION.length + 1
let lastId = 0

process.on('message', (command: SubmitCommand) => submit(command))
process.send?.('ready')

function submit({ jobs, inFlight, longestMs }: SubmitCommand): void {
  const startMs = performance.now()
  let unsent = jobs
  let underWay = 0
  let accepted = 0
  let refused = 0
  let isOver = false
  const sendOne = (connection: RawConnection): void => {
    if (unsent === 0) return
    unsent -= 1
    underWay += 1
    connection.queue(nextJob())
  }
  const finish = (): void => {
    if (isOver) return
    isOver = true
    const perSecond = (accepted / (performance.now() - startMs)) * 1000
    process.send?.({ accepted, refused, perSecond } satisfies SubmitReport)
  }
  for (const connection of connections) {
    connection.onPacket = (type) => {
      underWay -= 1
      if (type === PacketType.JOB_CREATED) accepted += 1
      else refused += 1
      if (performance.now() - startMs > longestMs) unsent = 0
      sendOne(connection)
      if (underWay === 0) finish()
    }
    for (let sent = 0; sent < inFlight / CONNECTIONS; sent += 1) sendOne(connection)
  }
  for (const connection of connections) connection.flush()
}

function nextJob(): Buffer {
  lastId += 1
  const packet = Buffer.from(template)
  packet.write(String(lastId).padStart(DIGITS, '0'), digitsAt, 'latin1')
  return packet
}
