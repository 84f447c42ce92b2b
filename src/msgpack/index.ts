/**
 * The encoder for MessagePack, which needs the package `@msgpack/msgpack`.
 *
 * @packageDocumentation
 */
export {
  MessagePackDataEncoder,
  type MessagePackDataEncoderOptions,
} from './message-pack-data-encoder.ts'
