/**
 * For the tests of those who use this package or build on it: servers that can be stopped, broken networks, scripted
 * servers, and the conformance suite for stores.
 *
 * @module
 */

export type { ByteSlice, PacketArgument } from '../protocol/packet-encoder.ts'
export type { PacketName } from '../protocol/packets.ts'
export { FakePeer, type ReceivedPacket } from './fake-peer.ts'
export { type FakeScript, FakeServer, type FakeServerOptions } from './fake-server.ts'
export type { FaultDirection } from './fault-flow.ts'
export { FaultProxy, type FaultTarget } from './fault-proxy.ts'
export { findFreePort } from './free-port.ts'
export {
  type QueueStoreCheck,
  type QueueStoreContractOptions,
  queueStoreContract,
} from './queue-store-contract.ts'
export type { QueueStoreFixture } from './queue-store-fixture.ts'
export { TestServer, type TestServerOptions } from './test-server.ts'
export { TestServerProcess, type TestServerProcessOptions } from './test-server-process.ts'
