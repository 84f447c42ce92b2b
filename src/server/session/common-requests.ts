import { PacketType } from '../../protocol/packets.ts'
import { ErrorReplies } from '../queue/error-replies.ts'
import { endOfText } from './request-arguments.ts'
import { RequestRefused } from './request-refused.ts'
import type { RequestHandler } from './server-session.ts'

const echo: RequestHandler = (session, body) => {
  session.peer.output.sendBody(PacketType.ECHO_RES, body)
}

/** The only option is `exceptions`, in any case; it cannot be switched off. */
const setOption: RequestHandler = (session, body) => {
  if (body.toString('latin1', 0, endOfText(body)).toLowerCase() !== 'exceptions') {
    throw new RequestRefused(ErrorReplies.unknownOption)
  }
  session.peer.wantsExceptions = true
  session.peer.output.sendBody(PacketType.OPTION_RES, body)
}

/** What anybody asks. */
export const COMMON_REQUESTS: readonly (readonly [type: number, handler: RequestHandler])[] = [
  [PacketType.ECHO_REQ, echo],
  [PacketType.OPTION_REQ, setOption],
]
