import { FaultProxy, type FaultTarget } from 'gearman-sdk/testing'
import { onTestFinished } from 'vitest'

/** A {@link FaultProxy} for one test: closed at its end. */
export async function useTcpProxy(target: FaultTarget): Promise<FaultProxy> {
  const proxy = await FaultProxy.start(target)
  onTestFinished(() => proxy.close())
  return proxy
}
