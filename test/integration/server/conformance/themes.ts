import type { Theme } from './script.ts'
import { COALESCING } from './scripts/coalescing.ts'
import { JOBS } from './scripts/jobs.ts'
import { LIMITS } from './scripts/limits.ts'
import { LOSS } from './scripts/loss.ts'
import { ORDER } from './scripts/order.ts'
import { PACKETS } from './scripts/packets.ts'
import { STREAM } from './scripts/stream.ts'
import { TEXT_COMMANDS } from './scripts/text-commands.ts'
import { WAKE_UP } from './scripts/wake-up.ts'

/** Everything that is played to both servers. */
export const THEMES: readonly Theme[] = [
  PACKETS,
  STREAM,
  JOBS,
  ORDER,
  COALESCING,
  WAKE_UP,
  LOSS,
  LIMITS,
  TEXT_COMMANDS,
]
