import { describe, expect, it } from 'vitest'
import { PACKETS, PacketType, packetInfo, packetName } from '../../../src/protocol/packets.ts'

/** The protocol's list: number, name, direction (C client, W worker, S server), number of arguments. */
const LIST = `
1 CAN_DO W->S 1
2 CANT_DO W->S 1
3 RESET_ABILITIES W->S 0
4 PRE_SLEEP W->S 0
6 NOOP S->W 0
7 SUBMIT_JOB C->S 3
8 JOB_CREATED S->C 1
9 GRAB_JOB W->S 0
10 NO_JOB S->W 0
11 JOB_ASSIGN S->W 3
12 WORK_STATUS both 3
13 WORK_COMPLETE both 2
14 WORK_FAIL both 1
15 GET_STATUS C->S 1
16 ECHO_REQ C->S 1
17 ECHO_RES S->C 1
18 SUBMIT_JOB_BG C->S 3
19 ERROR S->C 2
20 STATUS_RES S->C 5
21 SUBMIT_JOB_HIGH C->S 3
22 SET_CLIENT_ID W->S 1
23 CAN_DO_TIMEOUT W->S 2
24 ALL_YOURS W->S 0
25 WORK_EXCEPTION both 2
26 OPTION_REQ C->S 1
27 OPTION_RES S->C 1
28 WORK_DATA both 2
29 WORK_WARNING both 2
30 GRAB_JOB_UNIQ W->S 0
31 JOB_ASSIGN_UNIQ S->W 4
32 SUBMIT_JOB_HIGH_BG C->S 3
33 SUBMIT_JOB_LOW C->S 3
34 SUBMIT_JOB_LOW_BG C->S 3
35 SUBMIT_JOB_SCHED C->S 8
36 SUBMIT_JOB_EPOCH C->S 4
37 SUBMIT_REDUCE_JOB C->S 5
38 SUBMIT_REDUCE_JOB_BACKGROUND C->S 5
39 GRAB_JOB_ALL W->S 0
40 JOB_ASSIGN_ALL S->W 5
41 GET_STATUS_UNIQUE C->S 1
42 STATUS_RES_UNIQUE S->C 6
1000 GET_RESULT C->S 2
1001 RESULT_RES S->C 4
`
  .trim()
  .split('\n')
  .map((line) => line.split(' '))

const MAGIC_OF: Record<string, string> = {
  'W->S': 'request',
  'C->S': 'request',
  'S->W': 'response',
  'S->C': 'response',
  both: 'both',
}

describe('the packet table', () => {
  it('holds every number from 1 to 42 except 5, our own from 1000 on, and no other', () => {
    const codes = Object.values(PACKETS).map(({ code }) => code)
    const wanted = Array.from({ length: 42 }, (_, index) => index + 1).filter((code) => code !== 5)
    wanted.push(1000, 1001)
    expect(codes).toEqual(wanted)
    expect(LIST.map(([code]) => Number(code))).toEqual(wanted)
  })

  it.each(LIST)('has %s as %s (%s) with %s arguments', (code, name, direction, argumentCount) => {
    expect(packetInfo(Number(code))).toEqual({
      name,
      magic: MAGIC_OF[direction ?? ''],
      argumentCount: Number(argumentCount),
    })
    expect(PacketType[name as keyof typeof PacketType]).toBe(Number(code))
    expect(packetName(Number(code))).toBe(name)
  })

  it('gives a reduce job the fourth argument that gearmand reads and ignores', () => {
    expect(PACKETS.SUBMIT_REDUCE_JOB.args).toEqual([
      'function',
      'unique',
      'reducer',
      'aggregator',
      'data',
    ])
  })

  it('names the arguments of a packet uniquely', () => {
    for (const { args } of Object.values(PACKETS)) expect(new Set(args).size).toBe(args.length)
  })

  it.each([0, 5, 43, 999, 1002, 0xffff_ffff, -1])('does not know %i', (code) => {
    expect(packetInfo(code)).toBeUndefined()
    expect(packetName(code)).toBe(`type ${code}`)
  })
})
