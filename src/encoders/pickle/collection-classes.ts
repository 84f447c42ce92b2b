import type { PythonClassReader } from './class-registry.ts'
import {
  PyCounter,
  PyDefaultDict,
  PyDeque,
  PyFrozenSet,
  PyGlobal,
  PyOrderedDict,
} from './python-containers.ts'
import { copyToByteArray } from './read-bytes.ts'
import { checkCount, elementsArgument, entriesArgument, numberArgument } from './reader-checks.ts'
import { bytesOfStr } from './text-opcodes.ts'
import type { UnpickleState } from './unpickle-state.ts'

const EMPTY: readonly unknown[] = []

/** The containers that have no opcode, or none before some protocol. */
export const COLLECTION_CLASSES: Readonly<Record<string, PythonClassReader>> = {
  'builtins.set': {
    make: ([elements = EMPTY], state) => new Set(elementsArgument(elements, state)),
  },
  'builtins.frozenset': {
    make: ([elements = EMPTY], state) => new PyFrozenSet(elementsArgument(elements, state)),
  },
  'builtins.bytes': {
    make: (args) => {
      checkCount(args, 0, 0)
      return Buffer.alloc(0)
    },
  },
  'builtins.bytearray': {
    // Python 2 gives the characters U+0000 to U+00FF and the name of an encoding.
    make: ([content = '', encoding], state) => {
      if (typeof encoding === 'string') return copyToByteArray(state, latin1Bytes(content, state))
      const bytes = bytesOfStr(state, content)
      if (bytes === undefined) throw new TypeError('it takes bytes')
      return copyToByteArray(state, bytes)
    },
  },
  '_codecs.encode': {
    make: ([text, encoding], state) => {
      if (encoding !== 'latin1' && encoding !== 'latin-1') {
        throw new TypeError('only latin1 is encoded')
      }
      return latin1Bytes(text, state)
    },
  },
  'collections.OrderedDict': {
    make: ([entries = EMPTY], state) => new PyOrderedDict(entriesArgument(entries, state)),
  },
  'collections.Counter': {
    make: ([entries = EMPTY], state) => new PyCounter(entriesArgument(entries, state)),
  },
  'collections.defaultdict': {
    make: ([factory = null, entries = EMPTY], state) => {
      const dict = new PyDefaultDict(entriesArgument(entries, state))
      if (factory !== null && !(factory instanceof PyGlobal)) {
        throw new TypeError('its factory is no class')
      }
      if (factory !== null) dict.factory = factory
      return dict
    },
  },
  'collections.deque': {
    make: ([elements = EMPTY, maxLength = null], state) => {
      const deque = new PyDeque()
      if (maxLength !== null) deque.maxLength = numberArgument(maxLength)
      for (const element of elementsArgument(elements, state)) deque.push(element)
      return deque
    },
  },
}

/** Bytes that protocols without bytes write as the characters U+0000 to U+00FF. */
function latin1Bytes(text: unknown, state: UnpickleState): Buffer {
  // A str of Python 2 holds bytes already.
  if (Buffer.isBuffer(text)) return text
  if (typeof text !== 'string') throw new TypeError('it takes a string')
  state.charge(text.length >> 4)
  const bytes = Buffer.from(text, 'latin1')
  if (bytes.toString('latin1') !== text) throw new TypeError('its string is not latin1')
  return bytes
}
