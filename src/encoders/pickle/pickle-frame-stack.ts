import { type FrameKind, PickleFrame, pathOf } from './pickle-frames.ts'

/** The containers that are being written, each in a frame, the innermost on top. */
export class PickleFrameStack {
  readonly #frames: PickleFrame[] = []
  /** How many frames are in use; those above are there to be used again. */
  depth = 0
  /** Tuples and the like under way, which are not in the memo yet, and the anchor of the frame that they are in. */
  readonly #open = new Map<object, number>()

  /** The innermost frame. */
  top(): PickleFrame | undefined {
    return this.#frames[this.depth - 1]
  }

  /** A frame for what is in the memo before its values are written. */
  pushMutable(kind: FrameKind, values: readonly unknown[], holdsHashed: boolean): PickleFrame {
    const frame = this.#push(kind, values, holdsHashed)
    frame.anchor = this.depth
    return frame
  }

  /**
   * A frame for what goes into the memo after its values.
   *
   * @param anchor - that of the frame around it
   * @returns undefined when it is under way already, with nothing in between that is in the memo: writing it would
   * never end
   */
  pushImmutable(
    kind: FrameKind,
    values: readonly unknown[],
    holdsHashed: boolean,
    owner: object,
    anchor: number,
  ): PickleFrame | undefined {
    const outerAnchor = this.#open.get(owner)
    if (outerAnchor === anchor) return undefined
    const frame = this.#push(kind, values, holdsHashed)
    this.#open.set(owner, anchor)
    frame.owner = owner
    frame.outerAnchor = outerAnchor
    frame.anchor = anchor
    return frame
  }

  /** The nearest frame, from the top down, whose container is in the memo: its number, 0 for none. */
  anchor(): number {
    return this.top()?.anchor ?? 0
  }

  /** Takes away the frame on top. */
  pop(frame: PickleFrame): void {
    const { owner, outerAnchor } = frame
    if (owner !== undefined) {
      if (outerAnchor === undefined) this.#open.delete(owner)
      else this.#open.set(owner, outerAnchor)
    }
    frame.clear()
    this.depth -= 1
  }

  /** Where in the value the frames stand. */
  path(): string {
    return pathOf(this.#frames.slice(0, this.depth))
  }

  #push(kind: FrameKind, values: readonly unknown[], holdsHashed: boolean): PickleFrame {
    let frame = this.#frames[this.depth]
    if (frame === undefined) {
      frame = new PickleFrame()
      this.#frames.push(frame)
    }
    frame.kind = kind
    frame.values = values
    frame.holdsHashed = holdsHashed
    frame.next = -1
    this.depth += 1
    return frame
  }
}
