import { describe, expect, test } from 'vitest'
import { ProtocolError } from '../../../src/errors.ts'
import { PacketType } from '../../../src/protocol/packets.ts'
import { readJobFront, readJobPacket } from '../../../src/worker/job-packet.ts'

const { JOB_ASSIGN, JOB_ASSIGN_UNIQ, JOB_ASSIGN_ALL } = PacketType

describe('readJobPacket', () => {
  test('reads all three kinds, with NULs in the data', () => {
    expect(readJobPacket(JOB_ASSIGN, Buffer.from('H:1\0f\0a\0b'))).toEqual({
      handle: 'H:1',
      task: 'f',
      unique: undefined,
      reducer: undefined,
      payload: Buffer.from('a\0b'),
    })
    expect(readJobPacket(JOB_ASSIGN_UNIQ, Buffer.from('H:1\0f\0\0'))).toMatchObject({
      unique: '',
      payload: Buffer.alloc(0),
    })
    expect(readJobPacket(JOB_ASSIGN_ALL, Buffer.from('H:1\0f\0u\0sum\0x'))).toMatchObject({
      unique: 'u',
      reducer: 'sum',
      payload: Buffer.from('x'),
    })
  })

  test('an empty reducer is none', () => {
    const packet = readJobPacket(JOB_ASSIGN_ALL, Buffer.from('H:1\0f\0u\0\0x'))
    expect(packet.reducer).toBeUndefined()
  })

  test('task names are UTF-8', () => {
    expect(readJobPacket(JOB_ASSIGN, Buffer.from('H:1\0umkehren-ü\0')).task).toBe('umkehren-ü')
  })

  test.each([
    [JOB_ASSIGN, 'H:1'],
    [JOB_ASSIGN, 'H:1\0f'],
    [JOB_ASSIGN_UNIQ, 'H:1\0f\0u'],
    [JOB_ASSIGN_ALL, 'H:1\0f\0u\0r'],
  ])('refuses a truncated packet of type %i: %j', (type, body) => {
    expect(() => readJobPacket(type, Buffer.from(body))).toThrow(ProtocolError)
  })
})

describe('readJobFront', () => {
  test('reads handle and task of what was skipped', () => {
    expect(readJobFront(JOB_ASSIGN_UNIQ, Buffer.from('H:1\0f\0u\0xxx'))).toMatchObject({
      handle: 'H:1',
      task: 'f',
    })
  })

  test('makes do with a task that is cut off, not with a handle', () => {
    expect(readJobFront(JOB_ASSIGN, Buffer.from('H:1\0very-lo')).task).toBe('very-lo')
    expect(() => readJobFront(JOB_ASSIGN, Buffer.from('H:1'))).toThrow(ProtocolError)
  })
})
