import type { UnpicklingError } from '../../errors.ts'
import { CLASS_OPCODES } from './class-opcodes.ts'
import type { PickleClasses } from './class-registry.ts'
import { DictKinds } from './dict-kinds.ts'
import { isDeeperThan } from './nesting.ts'
import { HIGHEST_PROTOCOL, OP, opcodeName } from './opcodes.ts'
import type { ResolvedPickleOptions } from './pickle-options.ts'
import { pushByteArray, pushBytes } from './read-bytes.ts'
import * as containers from './read-containers.ts'
import { readInteger } from './read-numbers.ts'
import { readText } from './read-text.ts'
import * as text from './text-opcodes.ts'
import { UnpickleState } from './unpickle-state.ts'

/**
 * The value of a pickle. Reads what every protocol can hold; calls nothing but the classes that are known.
 *
 * @throws UnpicklingError for anything else
 */
export function unpickle(
  bytes: Buffer,
  options: ResolvedPickleOptions,
  classes: PickleClasses,
): unknown {
  const state = new UnpickleState(bytes, options, classes)
  if (bytes.length > options.limits.maxBytes) {
    throw state.fault(`it has ${bytes.length} bytes, more than ${options.limits.maxBytes}`)
  }
  const { conflicts } = state.dicts
  try {
    const value = run(state)
    if (conflicts.size === 0) return value
  } catch (error) {
    // A class may have refused an object that should have been a Map: the second reading tells.
    if (conflicts.size === 0) throw error
  }
  const second = new UnpickleState(bytes, options, classes, new DictKinds(conflicts))
  const value = run(second)
  if (second.dicts.conflicts.size > 0) {
    throw second.fault('a dict that holds itself has keys that are no strings')
  }
  return value
}

function run(state: UnpickleState): unknown {
  const { bytes } = state
  for (;;) {
    state.opcodeAt = state.position
    const opcode = bytes[state.position]
    if (opcode === undefined) throw state.fault('there is no STOP')
    state.position += 1
    state.budget -= 1
    if (state.budget < 0) state.charge(0)
    if (opcode === OP.STOP) return finish(state)
    runFrequent(state, opcode)
  }
}

function finish(state: UnpickleState): unknown {
  const value = state.pop()
  if (state.isShared && isDeeperThan(state.options.limits.maxDepth, value, state.made)) {
    throw state.tooDeep()
  }
  return value
}

/** The opcodes that most pickles are made of, most frequent first. */
function runFrequent(state: UnpickleState, opcode: number): void {
  switch (opcode) {
    case OP.BINGET:
      state.memoGet(state.uint8())
      break
    case OP.SHORT_BINUNICODE:
      pushText(state, state.uint8())
      break
    case OP.BINUNICODE:
      pushText(state, state.uint32())
      break
    case OP.MEMOIZE:
      state.memoPut(state.memoCount)
      break
    case OP.BINPUT:
      state.memoPut(state.uint8())
      break
    case OP.LONG_BINPUT:
      state.memoPut(state.uint32())
      break
    case OP.BININT1:
      state.push(state.uint8())
      break
    case OP.BINFLOAT:
      state.push(state.bytes.readDoubleBE(state.take(8)))
      break
    case OP.MARK:
      state.mark()
      break
    case OP.EMPTY_DICT:
      containers.emptyDict(state)
      break
    case OP.SETITEMS:
      containers.fillDict(state, state.popMark())
      break
    case OP.EMPTY_LIST:
      containers.emptyList(state)
      break
    case OP.APPENDS:
      containers.fillList(state, state.popMark())
      break
    case OP.BININT2:
      state.push(state.uint16())
      break
    case OP.BININT:
      state.push(state.int32())
      break
    case OP.LONG_BINGET:
      state.memoGet(state.uint32())
      break
    case OP.NONE:
      state.push(null)
      break
    default:
      runRare(state, opcode)
  }
}

/** The rest. */
function runRare(state: UnpickleState, opcode: number): void {
  const handler = HANDLERS[opcode]
  if (handler === undefined) throw state.fault(`${opcodeName(opcode)} is no opcode`)
  handler(state)
}

function pushText(state: UnpickleState, size: number): void {
  const from = state.take(size)
  state.push(readText(state, from, from + size))
}

function pushInteger(state: UnpickleState, size: number): void {
  if (size < 0) throw state.fault('its length is negative')
  const from = state.take(size)
  state.push(readInteger(state, from, from + size))
}

/** PROTO: which opcodes to expect. All are read in any case, as Python does it. */
function protocol(state: UnpickleState): void {
  const version = state.uint8()
  if (version > HIGHEST_PROTOCOL) {
    throw state.fault(
      `it wants protocol ${version}, the highest that is read is ${HIGHEST_PROTOCOL}`,
    )
  }
}

/** FRAME: the opcodes of so many bytes belong together, which matters to who reads from a file. */
function frame(state: UnpickleState): void {
  const size = state.uint64()
  state.take(size)
  state.position -= size
}

/** DUP: a second reference to the same value. */
function duplicate(state: UnpickleState): void {
  const value = state.top()
  if (typeof value !== 'object' || value === null) state.push(value)
  else {
    state.isShared = true
    state.pushContainer(state.dicts.fetch(value, -1), state.depthOfTop())
  }
}

function popMark(state: UnpickleState): void {
  state.height = state.popMark()
}

/** POP takes the mark, if that is what is on top. */
function pop(state: UnpickleState): void {
  if (state.height === state.fence && state.marks.length > 0) state.popMark()
  else state.pop()
}

type Handler = (state: UnpickleState) => void
type Refusal = (state: UnpickleState) => UnpicklingError

function refuse(refusal: Refusal): Handler {
  return (state) => {
    throw refusal(state)
  }
}

const PERSISTENT_ID = refuse((state) => state.fault('it refers to something outside the pickle'))
const BUFFER = refuse((state) =>
  state.fault('it refers to a buffer outside the pickle: write it without buffer_callback'),
)

const HANDLERS: readonly (Handler | undefined)[] = /* @__PURE__ */ table([
  [OP.NEWTRUE, (state) => state.push(true)],
  [OP.NEWFALSE, (state) => state.push(false)],
  [OP.LONG1, (state) => pushInteger(state, state.uint8())],
  [OP.TUPLE2, (state) => containers.pushTuple(state, 2)],
  [OP.POP, pop],
  [OP.POP_MARK, popMark],
  [OP.DUP, duplicate],
  [OP.PROTO, protocol],
  [OP.FRAME, frame],
  [OP.INT, text.int],
  [OP.LONG, text.long],
  [OP.FLOAT, text.float],
  [OP.STRING, text.string],
  [OP.UNICODE, text.unicode],
  [OP.BINSTRING, (state) => text.binString(state, state.int32())],
  [OP.SHORT_BINSTRING, (state) => text.binString(state, state.uint8())],
  [OP.GET, (state) => state.memoGet(text.takeIndex(state))],
  [OP.PUT, (state) => state.memoPut(text.takeIndex(state))],
  [OP.LONG4, (state) => pushInteger(state, state.int32())],
  [OP.BINUNICODE8, (state) => pushText(state, state.uint64())],
  [OP.SHORT_BINBYTES, (state) => pushBytes(state, state.uint8())],
  [OP.BINBYTES, (state) => pushBytes(state, state.uint32())],
  [OP.BINBYTES8, (state) => pushBytes(state, state.uint64())],
  [OP.BYTEARRAY8, (state) => pushByteArray(state, state.uint64())],
  [OP.EMPTY_TUPLE, (state) => containers.pushTuple(state, 0)],
  [OP.TUPLE1, (state) => containers.pushTuple(state, 1)],
  [OP.TUPLE3, (state) => containers.pushTuple(state, 3)],
  [OP.TUPLE, containers.tuple],
  [OP.LIST, containers.list],
  [OP.DICT, containers.dict],
  [OP.EMPTY_SET, containers.emptySet],
  [OP.FROZENSET, containers.frozenSet],
  [OP.APPEND, (state) => containers.fillList(state, state.height - 1)],
  [OP.SETITEM, (state) => containers.fillDict(state, state.height - 2)],
  [OP.ADDITEMS, (state) => containers.fillSet(state, state.popMark())],
  [OP.PERSID, PERSISTENT_ID],
  [OP.BINPERSID, PERSISTENT_ID],
  [OP.NEXT_BUFFER, BUFFER],
  [OP.READONLY_BUFFER, BUFFER],
  ...CLASS_OPCODES,
])

function table(handlers: readonly (readonly [number, Handler])[]): (Handler | undefined)[] {
  const byOpcode = new Array<Handler | undefined>(256).fill(undefined)
  for (const [opcode, handler] of handlers) byOpcode[opcode] = handler
  return byOpcode
}
