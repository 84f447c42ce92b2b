import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../../src/errors.ts'
import {
  argumentEnd,
  readHandle,
  readText,
  splitArguments,
} from '../../../src/protocol/arguments.ts'
import { viewOf } from '../../../src/protocol/packet-encoder.ts'
import { PacketType } from '../../../src/protocol/packets.ts'
import { EXAMPLES, request } from '../../helpers/packet-log.ts'

describe('splitArguments', () => {
  it.each(EXAMPLES)('gives the arguments of $name as they were sent', ({ name, args }) => {
    const body = request(name, args).subarray(12)
    expect(splitArguments(PacketType[name], body)).toEqual(
      args.map((arg) => (typeof arg === 'string' ? Buffer.from(arg) : viewOf(arg))),
    )
  })

  it('gives views of the body, without copies', () => {
    const body = Buffer.from('H:1\0data')
    for (const argument of splitArguments(PacketType.WORK_COMPLETE, body)) {
      expect(argument.buffer).toBe(body.buffer)
    }
  })

  it('leaves NULs to the last argument', () => {
    const [handle, data] = splitArguments(PacketType.WORK_DATA, Buffer.from('H:1\0a\0b\0'))
    expect([String(handle), String(data)]).toEqual(['H:1', 'a\0b\0'])
  })

  it('takes empty arguments', () => {
    const args = splitArguments(PacketType.SUBMIT_JOB, Buffer.from('f\0\0'))
    expect(args.map(String)).toEqual(['f', '', ''])
    expect(splitArguments(PacketType.CAN_DO, Buffer.alloc(0)).map(String)).toEqual([''])
  })

  it('ignores the stray body of a packet without arguments, as gearmand does', () => {
    expect(splitArguments(PacketType.PRE_SLEEP, Buffer.from('stray'))).toEqual([])
    expect(splitArguments(5, Buffer.from('stray'))).toEqual([])
  })

  it.each([
    ['', 'SUBMIT_JOB'],
    ['f', 'SUBMIT_JOB'],
    ['f\0u', 'SUBMIT_JOB'],
    ['f\0u\0r\0data', 'SUBMIT_REDUCE_JOB'],
    ['H:1', 'WORK_COMPLETE'],
    ['H:1\x001', 'WORK_STATUS'],
  ] as const)('refuses a body with too few arguments: %j as %s', (text, name) => {
    const body = Buffer.from(`${text}beyond\0beyond\0beyond\0beyond`).subarray(0, text.length)
    expect(() => splitArguments(PacketType[name], body)).toThrow(ProtocolError)
    expect(() => splitArguments(PacketType[name], body)).toThrow(`truncated ${name}`)
  })
})

describe('the readers of one argument', () => {
  it('keep any byte of a handle, and read text as UTF-8', () => {
    const body = Buffer.from([0x48, 0xff, 0x80, 0, 0xc3, 0xbc])
    const end = argumentEnd(PacketType.WORK_DATA, body, 0)
    expect(end).toBe(3)
    expect(readHandle(body, end)).toBe('H\xff\x80')
    expect(readText(body, end + 1)).toBe('ü')
  })
})
