import { describe, expect, onTestFinished, test } from 'vitest'
import { ConnectionGroup } from '../../../src/connection/connection-group.ts'
import { resolveConnectionSettings } from '../../../src/connection/connection-settings.ts'
import { ECHO_ROLE } from '../../../src/connection/echo-session.ts'
import {
  awaitReady,
  type ReadyOptions,
  resolveReadyOptions,
  wholeGroup,
} from '../../../src/connection/readiness.ts'
import { resolveAddress } from '../../../src/connection/server-address.ts'
import type { Session } from '../../../src/connection/session.ts'
import { ConnectionError, InvalidArgumentError, ServerUnavailable } from '../../../src/errors.ts'
import { useFakeServer } from '../../helpers/fake-server.ts'
import { rejectionOf } from '../../helpers/fixtures.ts'
import { findFreePort } from '../../helpers/gearmand.ts'
import { failOnLeaks } from '../../helpers/leaks.ts'

/** A server that is there, and busy, is no server that does not answer. */
const QUICK = { connectTimeout: 60_000, reconnectMinDelay: 1, reconnectMaxDelay: 5 } as const

const idle = (): void => undefined
const confirmed = async (): Promise<void> => undefined

function makeGroup(addresses: readonly string[]): ConnectionGroup {
  const group = new ConnectionGroup<Session>(ECHO_ROLE, resolveConnectionSettings(QUICK), idle)
  for (const address of addresses) group.add(resolveAddress(address, undefined))
  onTestFinished(async () => {
    group.close()
    await group.whenClosed()
  })
  return group
}

function ready(
  group: ConnectionGroup,
  options: ReadyOptions = {},
  confirm: () => Promise<void> = confirmed,
): Promise<void> {
  return awaitReady([wholeGroup(group)], resolveReadyOptions(options), confirm)
}

const deadAddress = async (): Promise<string> => `127.0.0.1:${await findFreePort()}`

describe('ready', () => {
  failOnLeaks()

  test('resolves when one server has answered, though another one never does', async () => {
    const silent = await useFakeServer([idle], { autoAnswer: false, otherwise: idle })
    const good = await useFakeServer([idle])
    const group = makeGroup([silent.address, await deadAddress(), good.address])
    await ready(group)
    expect(group.ready.map(({ server }) => server)).toEqual([good.address])
    await ready(group)
    expect(good.connectionCount).toBe(1)
  })

  test('with all resolves when every server has answered', async () => {
    const servers = [await useFakeServer([idle]), await useFakeServer([idle])]
    const group = makeGroup(servers.map(({ address }) => address))
    await ready(group, { all: true })
    expect(group.ready).toHaveLength(2)
  })

  test('rejects when each was tried in vain, naming them', async () => {
    const dead = [await deadAddress(), await deadAddress()]
    const error = await rejectionOf(ready(makeGroup(dead)))
    expect(error).toBeInstanceOf(ServerUnavailable)
    expect(error).toMatchObject({ failures: dead.map((server) => ({ server })) })
  })

  test('with all rejects as soon as one was tried in vain, naming only what is missing', async () => {
    const good = await useFakeServer([idle])
    const dead = await deadAddress()
    const group = makeGroup([good.address, dead])
    await ready(group)
    const error = await rejectionOf(ready(group, { all: true }))
    expect(error).toMatchObject({
      failures: [{ server: dead, cause: { cause: { code: 'ECONNREFUSED' } } }],
    })
  })

  test.each([false, true])('with pollTimeout waits for a server to come (all: %s)', async (all) => {
    const port = await findFreePort()
    const group = makeGroup([`127.0.0.1:${port}`])
    const failed = new Promise<void>((resolve) => {
      group.watch({ onState: (_connection, { to }) => (to === 'failed' ? resolve() : undefined) })
    })
    const isReady = ready(group, { all, pollTimeout: 30_000 })
    await failed
    const { GearmanServer } = await import('../../../src/server/index.ts')
    const server = new GearmanServer({ port })
    onTestFinished(() => server.close())
    await server.listen()
    await isReady
    expect(group.ready).toHaveLength(1)
  })

  test('rejects with what is missing when its time is up', async () => {
    const silent = await useFakeServer([idle], { autoAnswer: false, otherwise: idle })
    const error = await rejectionOf(ready(makeGroup([silent.address]), { pollTimeout: 20 }))
    expect(error).toMatchObject({ failures: [{ server: silent.address, cause: undefined }] })
  })

  test('rejects with the reason of its signal', async () => {
    const silent = await useFakeServer([idle], { autoAnswer: false, otherwise: idle })
    const group = makeGroup([silent.address])
    const abort = new AbortController()
    const waiting = rejectionOf(ready(group, { signal: abort.signal }))
    const reason = new Error('enough')
    abort.abort(reason)
    expect(await waiting).toBe(reason)
    expect(await rejectionOf(ready(group, { signal: abort.signal }))).toBe(reason)
  })

  test('rejects when the connections are closed meanwhile, or were before', async () => {
    const silent = await useFakeServer([idle], { autoAnswer: false, otherwise: idle })
    const group = makeGroup([silent.address])
    const waiting = rejectionOf(ready(group, { pollTimeout: 30_000 }))
    group.close()
    expect(await waiting).toBeInstanceOf(ConnectionError)
    expect(await rejectionOf(ready(group))).toBeInstanceOf(ConnectionError)
  })

  test('begins anew when what has to be confirmed was lost', async () => {
    const server = await useFakeServer([idle], { otherwise: idle })
    const group = makeGroup([server.address])
    let count = 0
    await ready(group, {}, async () => {
      count += 1
      if (count > 1) return
      server.peers[0]?.reset()
      await group.connections[0]?.session?.ping()
    })
    expect(count).toBe(2)
    expect(server.connectionCount).toBe(2)
  })

  test.each([
    [{ all: 1 }, 'all'],
    [{ pollTimeout: -1 }, 'pollTimeout'],
    [{ pollTimeout: 'soon' }, 'pollTimeout'],
    [{ signal: {} }, 'signal'],
    [null, 'options'],
    [7, 'options'],
  ])('refuses %j', (options, argument) => {
    expect(() => resolveReadyOptions(options as never)).toThrow(InvalidArgumentError)
    expect(() => resolveReadyOptions(options as never)).toThrow(
      expect.objectContaining({ argument }),
    )
  })
})
