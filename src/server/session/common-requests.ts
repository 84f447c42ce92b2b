import { OWN_PACKETS_OPTION } from '../../protocol/own-packets.ts'
import { PacketType } from '../../protocol/packets.ts'
import { ErrorReplies } from '../queue/error-replies.ts'
import { endOfText } from './request-arguments.ts'
import { RequestRefused } from './request-refused.ts'
import type { RequestHandler } from './server-session.ts'

const echo: RequestHandler = (session, body) => {
  session.peer.output.sendBody(PacketType.ECHO_RES, body)
}

/** `exceptions`, in any case, and `gearman-sdk` for packets that gearmand does not have; neither can be switched off. */
const setOption: RequestHandler = (session, body) => {
  const option = body.toString('latin1', 0, endOfText(body)).toLowerCase()
  if (option === 'exceptions') session.peer.wantsExceptions = true
  else if (option === OWN_PACKETS_OPTION) session.peer.knowsOwnPackets = true
  else throw new RequestRefused(ErrorReplies.unknownOption)
  session.peer.output.sendBody(PacketType.OPTION_RES, body)
}

/** What anybody asks. */
export const COMMON_REQUESTS: readonly (readonly [type: number, handler: RequestHandler])[] = [
  [PacketType.ECHO_REQ, echo],
  [PacketType.OPTION_REQ, setOption],
]
