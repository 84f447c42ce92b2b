import type { Contestant } from '../../contestants/scenario.ts'
import type { ServerKind } from '../../contestants/server-kinds.ts'

/** How something grows: a scenario for each point of an axis, with a contestant for each server. */
export interface Curve {
  readonly name: string
  readonly title: string
  /** What the axis counts. */
  readonly axis: string
  readonly unit: string
  /** Where it is measured. */
  readonly points: readonly number[]
  /** A contestant at one of the points. */
  at(point: number, server: ServerKind): Contestant
}
