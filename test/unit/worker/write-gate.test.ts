import { expect, test } from 'vitest'
import { ConnectionError } from '../../../src/errors.ts'
import { WriteGate } from '../../../src/worker/write-gate.ts'

test('one promise serves all packets of a turn', async () => {
  const gate = new WriteGate({ unsentBytes: 0 })
  const first = gate.written()
  expect(gate.written()).toBe(first)
  await first
  expect(gate.written()).not.toBe(first)
})

test('waits for a full socket to be drained', async () => {
  const link = { unsentBytes: 1_000_000 }
  const gate = new WriteGate(link)
  let isWritten = false
  const written = gate.written().then(() => {
    isWritten = true
  })
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
  expect(isWritten).toBe(false)
  gate.open()
  await written
})

test('rejects when the connection is lost, also when nobody looks', async () => {
  const gate = new WriteGate({ unsentBytes: 1_000_000 })
  const written = gate.written()
  gate.fail(new ConnectionError('lost'))
  await expect(written).rejects.toThrow('lost')
  gate.fail(new ConnectionError('lost again'))
  void gate.written()
  gate.fail(new ConnectionError('lost'))
})
