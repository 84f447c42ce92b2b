import { PacketType } from '../../protocol/packets.ts'

/** The last packet of a job to the status code that says the same. */
const STATUS_OF_PACKET: { readonly [type: number]: number } = {
  [PacketType.JOB_CREATED]: 202,
  [PacketType.WORK_COMPLETE]: 200,
  [PacketType.WORK_FAIL]: 500,
  [PacketType.WORK_EXCEPTION]: 500,
}

/** The code of an ERROR packet to the status code that says the same. */
const STATUS_OF_ERROR: { readonly [code: string]: number } = {
  QUEUE_ERROR: 503,
  SHUTDOWN: 503,
}

/** The status code for how a job ended; gearmand's is always 200. */
export function statusOfPacket(type: number, isCompatible: boolean): number {
  return isCompatible ? 200 : (STATUS_OF_PACKET[type] ?? 500)
}

/** The status code for a submission that was refused; gearmand's is always 200. */
export function statusOfError(code: string, isCompatible: boolean): number {
  return isCompatible ? 200 : (STATUS_OF_ERROR[code] ?? 400)
}
