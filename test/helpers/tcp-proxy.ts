import { FaultProxy, type FaultTarget } from 'gearman-sdk/testing'
import { onTestFinished } from 'vitest'

/** A {@link FaultProxy} for one test: closed at its end. */
export async function useTcpProxy(target: FaultTarget): Promise<FaultProxy> {
  const proxy = await FaultProxy.start({ host: target.host ?? '127.0.0.1', port: target.port })
  onTestFinished(() => proxy.close())
  return proxy
}
