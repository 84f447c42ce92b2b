import { onTestFinished, vi } from 'vitest'
import type { GearmanConnection } from '../../src/connection/connection.ts'
import type { HostList } from '../../src/connection/server-address.ts'
import {
  type AnyEncoder,
  GearmanClient,
  type GearmanClientOptions,
  type GearmanConnectionManager,
  type RawDataEncoder,
  type UntypedTasks,
} from '../../src/index.ts'
import { type TestTask, TestWorker } from './test-worker.ts'

let tasks = 0

/** A task name that no other test of this process has. */
export function newTask(): string {
  tasks += 1
  return `task-${process.pid}-${tasks}`
}

/** A client for one test: shut down at its end. */
export function useClient<E extends AnyEncoder = RawDataEncoder>(
  hostList: HostList | { readonly address: string },
  options: GearmanClientOptions<E> = {},
): GearmanClient<UntypedTasks, E> {
  // A server, or this process, may stand still for longer than the 5 s that clients wait.
  const patient = { connectTimeout: 30_000, ...options }
  const isBackend = typeof hostList === 'object' && 'address' in hostList
  const client = new GearmanClient<UntypedTasks, E>(
    isBackend ? hostList.address : hostList,
    patient,
  )
  onTestFinished(() => client.shutdown())
  return client
}

/** A {@link TestWorker} for one test: its connection is cut at the end. */
export async function useWorker(
  { port }: { readonly port: number },
  taskMap: Readonly<Record<string, TestTask>>,
): Promise<TestWorker> {
  const worker = await TestWorker.connect(port, taskMap)
  onTestFinished(() => worker.close())
  return worker
}

/** What a promise rejects with; fails when it does not. */
export async function rejectionOf(promise: Promise<unknown>): Promise<Error> {
  let value: unknown
  try {
    value = await promise
  } catch (error) {
    return error as Error
  }
  throw new Error('expected a rejection', { cause: value })
}

/**
 * Makes a call with a `pollTimeout`, and lets that run out as soon as the server has answered all that was sent for it:
 * by the clock of a busy machine it might run out before.
 */
export async function runOut<T>(
  client: Pick<GearmanClient, 'ready' | 'getJobStatus'>,
  pollTimeout: number,
  call: (limits: { readonly pollTimeout: number }) => Promise<T>,
): Promise<T> {
  await client.ready({ pollTimeout: 30_000 })
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  try {
    const outcome = call({ pollTimeout })
    outcome.catch(() => undefined) // whoever awaits it gets it
    // Asked on the same connection, behind the submission: answered behind it, too.
    await client.getJobStatus({ unique: newTask() })
    vi.advanceTimersByTime(pollTimeout)
    return await outcome
  } finally {
    vi.useRealTimers()
  }
}

/** Resolves when a connection comes to a state. */
export function untilState(
  client: Pick<GearmanConnectionManager, 'on'>,
  connection: GearmanConnection,
  state: GearmanConnection['state'],
): Promise<void> {
  return new Promise((resolve) => {
    if (connection.state === state) resolve()
    client.on('state', () => {
      if (connection.state === state) resolve()
    })
  })
}

/** Calls `check` again and again until it holds: for what no event tells. */
export async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await check())) {
    await new Promise((resolve) => {
      setTimeout(resolve, 5)
    })
  }
}
