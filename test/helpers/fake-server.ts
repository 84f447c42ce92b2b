import { type FakeScript, FakeServer, type FakeServerOptions } from 'gearman-sdk/testing'
import { onTestFinished } from 'vitest'

export type { FakeScript, FakeServer }

/** A {@link FakeServer} for one test: closed at its end, and the test fails when a script failed. */
export async function useFakeServer(
  scripts: readonly FakeScript[],
  options: FakeServerOptions = {},
): Promise<FakeServer> {
  const server = await FakeServer.start(scripts, options)
  onTestFinished(() => server.close())
  return server
}
