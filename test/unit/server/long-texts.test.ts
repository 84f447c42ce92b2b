import { describe, expect, test } from 'vitest'
import type { Pacer } from '../../../src/server/queue/ordered-output.ts'
import { type TestPeer, TestServer } from './server-harness.ts'

const MANY = 10_000

/** Lets long texts go on when a test says so. */
class HandPacer implements Pacer {
  heldCount = 0
  #callback: (() => void) | undefined

  get isWaiting(): boolean {
    return this.#callback !== undefined
  }

  whenTaken(callback: () => void): void {
    this.#callback = callback
  }

  onHeld(): void {
    this.heldCount += 1
  }

  goOn(): void {
    const callback = this.#callback
    this.#callback = undefined
    callback?.()
  }
}

function serverWithJobs(): { server: TestServer; pacer: HandPacer; admin: TestPeer } {
  const server = new TestServer()
  const client = server.connect()
  for (let count = 0; count < MANY; count += 1) client.play('SUBMIT_JOB_BG', 'f', '', 'x')
  const pacer = new HandPacer()
  return { server, pacer, admin: server.connect('127.0.0.1', pacer) }
}

function finish(pacer: HandPacer): number {
  let parts = 1
  for (; pacer.isWaiting; parts += 1) pacer.goOn()
  return parts
}

describe('a long answer', () => {
  test('comes in parts of whole lines, and what follows comes behind it', () => {
    const { pacer, admin, server } = serverWithJobs()
    const first = admin.say('show jobs')
    expect(first).toMatch(/^(H:test:\d+\t0\t0\t1\n)+$/)
    expect(first.length).toBeLessThan(128 * 1024)
    expect(admin.play('ECHO_REQ', 'behind')).toEqual([])
    expect(admin.say('version')).toBe('')
    expect(pacer.heldCount).toBe(2)
    server.connect().play('SUBMIT_JOB_BG', 'f', '', 'too late for this table')
    expect(finish(pacer)).toBeGreaterThan(3)
    const rest = admin.look()
    const [version, echo, end, ...parts] = rest.toReversed()
    expect([echo, version]).toEqual(['ECHO_RES behind', expect.stringMatching(/^OK 1\.1\.20/)])
    const table = `${first}${parts.toReversed().join('')}${end}`
    expect(table.split('\n')).toHaveLength(MANY + 2)
    expect(table).toMatch(new RegExp(`H:test:${MANY}\t0\t0\t1\n\\.\n$`))
  })

  test('leaves out what ended meanwhile', () => {
    const { pacer, admin, server } = serverWithJobs()
    const first = admin.say('list jobs f')
    const other = server.connect()
    other.say(`cancel job H:test:1`)
    other.say(`cancel job H:test:${MANY}`)
    finish(pacer)
    const rows = `${first}${admin.look().join('')}`.split('\n')
    expect(rows).toHaveLength(MANY + 1)
    expect(rows[0]).toContain('H:test:1\t')
    expect(rows.at(-3)).toContain(`H:test:${MANY - 1}\t`)
  })

  test('to a peer that is gone is not made', () => {
    const { pacer, admin } = serverWithJobs()
    admin.say('show jobs')
    admin.leave()
    pacer.goOn()
    expect(pacer.isWaiting).toBe(false)
    expect(admin.look()).toEqual([])
  })
})

describe('a command that goes through many jobs', () => {
  test('lets others work between its parts, and counts what it did', () => {
    const { pacer, admin, server } = serverWithJobs()
    expect(admin.say('purge function f')).toBe('')
    const other = server.connect()
    expect(other.say('status')).toMatch(/^f\t[1-9]\d{3}\t0\t0\n\.\n$/)
    other.play('SUBMIT_JOB_BG', 'f', '', 'not meant')
    finish(pacer)
    expect(admin.look()).toEqual([`OK ${MANY}\r\n`])
    expect(other.say('list jobs f')).toContain(`H:test:${MANY + 1}\twaiting`)
  })

  test('is carried out although its peer leaves', async () => {
    const { admin, server } = serverWithJobs()
    expect(admin.say('drop function f')).toBe('')
    admin.leave()
    const other = server.connect()
    const worker = server.worker('f')
    other.play('SUBMIT_JOB_BG', 'f', '', 'of the new function')
    while (server.table.handles.size > 1) await new Promise((resolve) => setImmediate(resolve))
    expect(other.say('status')).toBe('f\t1\t0\t1\n.\n')
    expect(worker.play('GRAB_JOB')[0]).toContain('of the new function')
  })
})
