import { detach } from '../detach.ts'
import { PyByteArray } from './python-containers.ts'
import { COST, type UnpickleState } from './unpickle-state.ts'

/** The next bytes, apart from the chunk that they came in. */
export function pushBytes(state: UnpickleState, size: number): void {
  const from = state.take(size)
  state.charge(COST.container)
  state.push(detach(state.bytes.subarray(from, from + size)))
}

/** The next bytes as a `bytearray`. */
export function pushByteArray(state: UnpickleState, size: number): void {
  const from = state.take(size)
  state.push(copyToByteArray(state, state.bytes.subarray(from, from + size)))
}

/** A `bytearray` of the same bytes: a copy, as the receiver may change it. */
export function copyToByteArray(state: UnpickleState, bytes: Uint8Array): PyByteArray {
  state.charge(COST.instance + Math.ceil(bytes.length / COST.bytesPerElement))
  return new PyByteArray(bytes)
}
