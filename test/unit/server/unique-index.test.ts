import { describe, expect, test } from 'vitest'
import { TestServer } from './server-harness.ts'

describe('one unique id in many functions', () => {
  const names = Array.from({ length: 100 }, (_, index) => `f${index}`)

  function submitAll(server: TestServer): Map<string, string | undefined> {
    const client = server.connect()
    return new Map(names.map((name) => [name, client.play('SUBMIT_JOB_BG', name, 'u', name)[0]]))
  }

  test('joins the job of its own function, however many others there are', () => {
    const server = new TestServer()
    const created = submitAll(server)
    expect(new Set(created.values()).size).toBe(names.length)
    expect(submitAll(server)).toEqual(created)
  })

  test('is a new job where the last one ended, and only there', () => {
    const server = new TestServer()
    const created = submitAll(server)
    submitAll(server)
    const admin = server.connect()
    const ended = new Set(['f0', 'f50', 'f99'])
    for (const name of ended) admin.say(`cancel job ${created.get(name)?.split(' ')[1]}`)
    const again = submitAll(server)
    for (const name of names) expect(again.get(name) === created.get(name)).toBe(!ended.has(name))
    expect(submitAll(server)).toEqual(again)
  })

  test('is found by GET_STATUS_UNIQUE until the last of its jobs ended', () => {
    const server = new TestServer()
    const handles = [...submitAll(server).values()].map((reply = '') => reply.split(' ')[1])
    submitAll(server)
    const peer = server.connect()
    for (const handle of handles.toReversed()) {
      expect(peer.play('GET_STATUS_UNIQUE', 'u')[0]).toMatch(/^STATUS_RES_UNIQUE u 1 /)
      peer.say(`cancel job ${handle}`)
    }
    expect(peer.play('GET_STATUS_UNIQUE', 'u')[0]).toMatch(/^STATUS_RES_UNIQUE u 0 /)
    expect(peer.say('status')).toMatch(/^(f\d+\t0\t0\t0\n)+\.\n$/)
  })
})
