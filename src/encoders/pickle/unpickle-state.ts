import { UnpicklingError } from '../../errors.ts'
import type { PickleClasses, PythonClassReader } from './class-registry.ts'
import { DictKinds } from './dict-kinds.ts'
import { opcodeName } from './opcodes.ts'
import type { ResolvedPickleOptions } from './pickle-options.ts'
import { PyGlobal } from './python-containers.ts'

/** What an instance was made of: for its state, and for telling how deep it is nested. */
export interface MadeInstance {
  readonly reader: PythonClassReader
  readonly parts: unknown[]
}

/** What one more element costs of `maxElements`, by what is made. See {@link PickleLimits}. */
export const COST = { container: 4, instance: 12, bytesPerElement: 16 } as const

/**
 * The machine that a pickle is a program for: bytes to read from, a stack with marks, and a memo. It knows no
 * opcode. Every way to take memory goes through it, and is counted.
 */
export class UnpickleState {
  readonly bytes: Buffer
  readonly options: ResolvedPickleOptions
  readonly classes: PickleClasses
  readonly dicts: DictKinds
  /** The stack; what is above {@link height} is garbage. */
  readonly stack: unknown[] = []
  /** How deep the value in the same place of the stack is nested: 0 for what holds nothing. */
  readonly depths: number[] = []
  /** Heights of the stack at which a MARK was set. */
  readonly marks: number[] = []
  /** The height below which nothing may be taken: that of the last mark. */
  fence = 0
  height = 0
  position = 0
  /** Where the current opcode stands. */
  opcodeAt = 0
  /** How many elements are left. */
  budget: number
  memo: unknown[] = []
  memoCount = 0
  /** What the classes that the pickle has named so far make of things. */
  readonly readers: Map<PyGlobal, PythonClassReader> = new Map()
  /** Instances that may still be given their state. */
  readonly made: Map<unknown, MadeInstance> = new Map()
  /** Whether a container was used twice: then {@link depths} may be too small. */
  isShared = false

  constructor(
    bytes: Buffer,
    options: ResolvedPickleOptions,
    classes: PickleClasses,
    dicts: DictKinds = new DictKinds(),
  ) {
    this.bytes = bytes
    this.options = options
    this.classes = classes
    this.dicts = dicts
    this.budget = options.limits.maxElements
  }

  /** The error for the current opcode. */
  fault(
    problem: string,
    extras: ErrorOptions & { readonly global?: string } = {},
  ): UnpicklingError {
    const code = this.bytes[this.opcodeAt]
    const opcode = code === undefined ? 'the end' : opcodeName(code)
    return new UnpicklingError(problem, { ...extras, opcode, offset: this.opcodeAt })
  }

  /** Takes elements off the budget before memory is taken for them. */
  charge(elements: number): void {
    this.budget -= elements
    if (this.budget < 0) {
      throw this.fault(`it holds more than ${this.options.limits.maxElements} elements`)
    }
  }

  /** Moves on by some bytes, and gives where they begin. */
  take(count: number): number {
    const from = this.position
    if (count > this.bytes.length - from) {
      throw this.fault(
        `its argument takes ${count} bytes, and ${this.bytes.length - from} are left`,
      )
    }
    this.position = from + count
    return from
  }

  uint8(): number {
    return this.bytes[this.take(1)] as number
  }

  uint16(): number {
    return this.bytes.readUInt16LE(this.take(2))
  }

  uint32(): number {
    return this.bytes.readUInt32LE(this.take(4))
  }

  int32(): number {
    return this.bytes.readInt32LE(this.take(4))
  }

  /** A length of eight bytes; one that no payload can have is larger than any payload all the same. */
  uint64(): number {
    const from = this.take(8)
    return this.bytes.readUInt32LE(from) + this.bytes.readUInt32LE(from + 4) * 0x1_0000_0000
  }

  /** A value that holds no others. */
  push(value: unknown): void {
    this.stack[this.height] = value
    this.depths[this.height] = 0
    this.height += 1
  }

  /** A value that holds others, or will. */
  pushContainer(value: unknown, depth: number): void {
    this.stack[this.height] = value
    this.depths[this.height] = depth
    this.height += 1
    if (depth > this.options.limits.maxDepth) throw this.tooDeep()
  }

  tooDeep(): UnpicklingError {
    return this.fault(`it is nested deeper than ${this.options.limits.maxDepth} levels`)
  }

  pop(): unknown {
    if (this.height <= this.fence) throw this.fault('there is nothing on the stack')
    this.height -= 1
    return this.stack[this.height]
  }

  /** The value on top. */
  top(): unknown {
    if (this.height <= this.fence) throw this.fault('there is nothing on the stack')
    return this.stack[this.height - 1]
  }

  /** Puts another value in place of the one on top, at least that deep. */
  replaceTop(value: unknown, depth: number): void {
    const { maxDepth } = this.options.limits
    this.stack[this.height - 1] = value
    if (depth > this.depthOfTop()) this.depths[this.height - 1] = depth
    if (depth > maxDepth) throw this.tooDeep()
  }

  depthOfTop(): number {
    return this.depths[this.height - 1] ?? 0
  }

  mark(): void {
    this.marks.push(this.height)
    this.fence = this.height
  }

  /** Takes the last mark away, and gives the place of the first value above it. */
  popMark(): number {
    const mark = this.marks.pop()
    if (mark === undefined) throw this.fault('there is no MARK')
    this.fence = this.marks.at(-1) ?? 0
    return mark
  }

  /** How deep something is nested that holds all from a place of the stack up. */
  depthAbove(from: number): number {
    let deepest = 0
    for (let at = from; at < this.height; at += 1) {
      const depth = this.depths[at] as number
      if (depth > deepest) deepest = depth
    }
    return deepest + 1
  }

  /** Cuts the stack, and says what the container under it must be deep at least. */
  cut(height: number, depth: number): void {
    this.height = height
    const below = height - 1
    if (depth > (this.depths[below] ?? 0)) {
      this.depths[below] = depth
      if (depth > this.options.limits.maxDepth) throw this.tooDeep()
    }
  }

  /** Makes an instance of a class, and keeps what it is made of for as long as it may be given a state. */
  make(
    reader: PythonClassReader,
    args: readonly unknown[],
    kwargs: Readonly<Record<string, unknown>>,
  ): unknown {
    const instance = reader.make(args, this, kwargs)
    if (reader.setState !== undefined && typeof instance === 'object' && instance !== null) {
      this.made.set(instance, { reader, parts: [...args] })
    }
    return instance
  }

  memoPut(index: number): void {
    let value = this.top()
    if (this.dicts.mustBeMap(index, value)) {
      value = new Map()
      this.stack[this.height - 1] = value
    }
    if (index >= this.options.limits.maxMemo) {
      throw this.fault(`its memo has more than ${this.options.limits.maxMemo} entries`)
    }
    if (this.memo[index] === undefined) this.memoCount += 1
    this.memo[index] = value
  }

  memoGet(index: number): void {
    const value = this.memo[index]
    if (typeof value !== 'object' || value === null) {
      if (value === undefined) throw this.fault(`the memo has no entry ${index}`)
      this.push(value)
    } else {
      if (!(value instanceof PyGlobal)) this.isShared = true
      this.pushContainer(this.dicts.fetch(value, index), 1)
    }
  }
}
