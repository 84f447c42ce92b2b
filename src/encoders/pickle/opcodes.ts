/**
 * Every opcode that pickle protocols 0 to 5 have: its name in Python's pickletools, and its byte.
 * Source: the comments of CPython's `Lib/pickletools.py` and `Lib/pickle.py`.
 */
export const OP = {
  // Protocol 0: most arguments are lines of text.
  MARK: 0x28,
  STOP: 0x2e,
  POP: 0x30,
  DUP: 0x32,
  FLOAT: 0x46,
  INT: 0x49,
  LONG: 0x4c,
  NONE: 0x4e,
  PERSID: 0x50,
  REDUCE: 0x52,
  STRING: 0x53,
  UNICODE: 0x56,
  APPEND: 0x61,
  BUILD: 0x62,
  GLOBAL: 0x63,
  DICT: 0x64,
  GET: 0x67,
  INST: 0x69,
  LIST: 0x6c,
  PUT: 0x70,
  SETITEM: 0x73,
  TUPLE: 0x74,
  // Protocol 1: arguments are binary.
  EMPTY_TUPLE: 0x29,
  POP_MARK: 0x31,
  BINFLOAT: 0x47,
  BININT: 0x4a,
  BININT1: 0x4b,
  BININT2: 0x4d,
  BINPERSID: 0x51,
  BINSTRING: 0x54,
  SHORT_BINSTRING: 0x55,
  BINUNICODE: 0x58,
  EMPTY_LIST: 0x5d,
  APPENDS: 0x65,
  BINGET: 0x68,
  LONG_BINGET: 0x6a,
  OBJ: 0x6f,
  BINPUT: 0x71,
  LONG_BINPUT: 0x72,
  SETITEMS: 0x75,
  EMPTY_DICT: 0x7d,
  // Protocol 2.
  PROTO: 0x80,
  NEWOBJ: 0x81,
  EXT1: 0x82,
  EXT2: 0x83,
  EXT4: 0x84,
  TUPLE1: 0x85,
  TUPLE2: 0x86,
  TUPLE3: 0x87,
  NEWTRUE: 0x88,
  NEWFALSE: 0x89,
  LONG1: 0x8a,
  LONG4: 0x8b,
  // Protocol 3.
  BINBYTES: 0x42,
  SHORT_BINBYTES: 0x43,
  // Protocol 4.
  SHORT_BINUNICODE: 0x8c,
  BINUNICODE8: 0x8d,
  BINBYTES8: 0x8e,
  EMPTY_SET: 0x8f,
  ADDITEMS: 0x90,
  FROZENSET: 0x91,
  NEWOBJ_EX: 0x92,
  STACK_GLOBAL: 0x93,
  MEMOIZE: 0x94,
  FRAME: 0x95,
  // Protocol 5.
  BYTEARRAY8: 0x96,
  NEXT_BUFFER: 0x97,
  READONLY_BUFFER: 0x98,
} as const

/** The name of an opcode. */
export type OpcodeName = keyof typeof OP

/** The highest protocol that there is: Python 3.8 and newer. */
export const HIGHEST_PROTOCOL = 5

const NAMES: ReadonlyMap<number, string> = /* @__PURE__ */ new Map(
  Object.entries(OP).map(([name, code]) => [code, name]),
)

/** An opcode for an error message: its name, or its byte when it is none. */
export function opcodeName(code: number): string {
  return NAMES.get(code) ?? `byte 0x${code.toString(16).padStart(2, '0')}`
}
