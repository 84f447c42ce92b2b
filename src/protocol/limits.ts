/** Sizes that gearmand enforces, or breaks at. See PROTOCOL and `libgearman-server/constants.h`. */

/** Bytes of a packet header: magic, type, body size, 4 bytes each. */
export const HEADER_BYTES = 12

/** The longest task name in bytes (`GEARMAN_FUNCTION_MAX_SIZE` of libgearman). */
export const MAX_FUNCTION_BYTES = 512

/**
 * The longest unique id in bytes. gearmand's buffer holds 64, and one of exactly 64 corrupts the payload
 * that the worker gets (`libgearman-server/job.cc`: `snprintf` into a field of 64).
 */
export const MAX_UNIQUE_BYTES = 63

/** The longest job handle in bytes (`GEARMAN_JOB_HANDLE_SIZE` is 64 with its NUL). */
export const MAX_HANDLE_BYTES = 63

/** The longest client id in bytes; gearmand cuts longer ones off (`GEARMAN_SERVER_CON_ID_SIZE`). */
export const MAX_CLIENT_ID_BYTES = 127

/** The largest body that a header can announce. */
export const MAX_BODY_BYTES = 0xffff_ffff

/** The largest body that clients and workers take by default: 1 GiB. */
export const DEFAULT_MAX_PACKET_BYTES: number = 1024 * 1024 * 1024

/** The longest line of text that a server's reply may hold; gearmand's own lines are far shorter. */
export const MAX_LINE_BYTES: number = 1024 * 1024
