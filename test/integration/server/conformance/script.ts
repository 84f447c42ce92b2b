import type { PacketName } from '../../../../src/protocol/packets.ts'
import type { Settings } from '../parity-script.ts'

/**
 * What stands in for bytes in a step. Each character is one byte (latin1); `$1` is the first handle that
 * any server of the play made, `$2` the second, and so on.
 */
export type Text = string

/** A packet of a step: its name or any number, then its arguments, as many as the script likes. */
export type PacketStep = readonly [type: PacketName | number, ...args: Text[]]

/**
 * One thing that one connection does. The connection is opened at its first step, whatever its name.
 *
 * - a packet
 * - `text`: bytes as they are, for text commands, with their line ends
 * - `packets`: several in one write
 * - `alone`: the same, but only this connection is asked for what it got: what others get by a time limit is left to
 *   their `wait`, however long the play takes until then
 * - `raw`: a packet with other first four bytes than `\0REQ`
 * - `pieces`: bytes in several writes; the server has time to read one before the next
 * - `wait`: packets or nothing; the play goes on when the connection has got something
 * - `wait asleep`: the same of a worker that sleeps, which asks again when its NOOP is lost
 * - `leave`: closes the connection; the play goes on when the server has noticed
 */
export type Step =
  | readonly [who: string, ...packet: PacketStep]
  | readonly [who: string, what: 'text', text: Text]
  | readonly [who: string, what: 'packets' | 'alone', ...packets: PacketStep[]]
  | readonly [who: string, what: 'raw', magic: string, ...packet: PacketStep]
  | readonly [who: string, what: 'pieces', ...pieces: Text[]]
  | readonly [who: string, what: 'wait' | 'wait asleep', ...packets: PacketStep[]]
  | readonly [who: string, what: 'leave']

/** One script: its name is a sentence about behaviour. */
export interface ConformanceScript {
  readonly name: string
  readonly steps: readonly Step[]
  /** How both servers are started; left out: without options. */
  readonly settings?: Settings
}

/** Scripts about one subject. */
export interface Theme {
  readonly subject: string
  readonly scripts: readonly ConformanceScript[]
}

/** A step so many times. */
export function times(count: number, ...steps: Step[]): Step[] {
  return Array.from({ length: count }, () => steps).flat()
}
