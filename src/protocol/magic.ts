/** `\0REQ`: a packet from a client or a worker. */
export const REQUEST_MAGIC = 0x0052_4551

/** `\0RES`: a packet from a server. */
export const RESPONSE_MAGIC = 0x0052_4553
