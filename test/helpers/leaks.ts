import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { beforeEach, expect } from 'vitest'

/** What else keeps a process busy; sockets are watched one by one, also those that do not. */
const WATCHED = new Set(['TCPServerWrap', 'TCPConnectWrap', 'GetAddrInfoReqWrap', 'Timeout'])
/** A busy machine is slow, not broken. */
const PATIENCE_MS = 30_000
/** A test that makes thousands of sockets must not hold them all: the closed ones are let go now and then. */
const MAX_HELD_SOCKETS = 500

/**
 * For a file of tests: each fails when it leaves a socket, a server or a timer behind, or when a rejection
 * went unheard while it ran. Looks last, after everything that the test gave to `onTestFinished`.
 */
export function failOnLeaks(): void {
  beforeEach((context) => {
    const before = countResources()
    const sockets = new Set<Socket>()
    const unheard: unknown[] = []
    const onUnheard = (reason: unknown): void => {
      unheard.push(reason)
    }
    const onSocket = (message: unknown): void => {
      sockets.add((message as { readonly socket: Socket }).socket)
      if (sockets.size % MAX_HELD_SOCKETS === 0) forgetClosed(sockets)
    }
    subscribe('net.client.socket', onSocket)
    subscribe('net.server.socket', onSocket)
    process.on('unhandledRejection', onUnheard)
    process.on('uncaughtException', onUnheard)

    context.onTestFinished(async () => {
      const left = (): string[] => [...openSockets(sockets), ...moreResources(before)]
      // The ends of sockets that were closed just now are still to come.
      const deadline = performance.now() + PATIENCE_MS
      while (left().length > 0 && performance.now() < deadline) await nextTurn()
      unsubscribe('net.client.socket', onSocket)
      unsubscribe('net.server.socket', onSocket)
      process.off('unhandledRejection', onUnheard)
      process.off('uncaughtException', onUnheard)
      expect({ left: left(), unheard }).toEqual({ left: [], unheard: [] })
    }, 2 * PATIENCE_MS)
  })
}

function openSockets(sockets: ReadonlySet<Socket>): string[] {
  return [...sockets]
    .filter(({ closed }) => !closed)
    .map(({ localPort, remotePort }) => `socket ${localPort} to ${remotePort}`)
}

function forgetClosed(sockets: Set<Socket>): void {
  for (const socket of sockets) if (socket.closed) sockets.delete(socket)
}

function countResources(): Map<string, number> {
  const counts = new Map<string, number>()
  for (const kind of process.getActiveResourcesInfo()) {
    if (WATCHED.has(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  return counts
}

function moreResources(before: ReadonlyMap<string, number>): string[] {
  return [...countResources()]
    .map(([kind, count]) => ({ kind, more: count - (before.get(kind) ?? 0) }))
    .filter(({ more }) => more > 0)
    .map(({ kind, more }) => `${more} ${kind}`)
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
