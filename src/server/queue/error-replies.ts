/** An ERROR packet: code and text. */
export type ErrorReply = readonly [code: string, text: string]

/**
 * The ERROR packets, with gearmand's own texts (gearmand `libgearman-server/server.cc`
 * gearman_server_run_command) where gearmand answers at all, and ours where it is silent or hangs up.
 */
export const ErrorReplies = {
  requestMagicExpected: ['INVALID_MAGIC', 'Request magic expected'],
  notExpected: ['INVALID_COMMAND', 'Command not expected'],
  uniqueTooLarge: ['ARGUMENT_TOO_LARGE', 'Unique value too large'],
  handleTooLarge: [
    'ARGUMENT_TOO_LARGE',
    'Error occurred due to GEARMAND_JOB_HANDLE_SIZE being too small from snprintf',
  ],
  queueFull: ['QUEUE_ERROR', 'Job queue is full'],
  notStored: ['QUEUE_ERROR', 'QUEUE_ERROR'],
  storeBehind: ['QUEUE_ERROR', 'Too many jobs wait for the queue store'],
  tooLargeForStore: ['QUEUE_ERROR', 'The job is larger than the queue store takes'],
  unknownOption: ['UNKNOWN_OPTION', 'Server does not recognize given option'],
  noSuchJob: ['JOB_NOT_FOUND', 'Job does not exist on server'],
  noSuchJobForResult: ['JOB_NOT_FOUND', 'Job given in work result not found'],
  noSuchJobForException: [
    'JOB_NOT_FOUND',
    'An exception was received for a job that does not exist',
  ],
  // From here on gearmand sends nothing, or closes the connection.
  truncated: ['INVALID_PACKET', 'An argument of the packet is missing'],
  argumentTooLarge: ['ARGUMENT_TOO_LARGE', 'An argument of the packet is too large'],
  packetTooLarge: ['ARGUMENT_TOO_LARGE', 'The packet is larger than the server allows'],
  numberTooLarge: ['ARGUMENT_TOO_LARGE', 'A number in the packet is too large'],
  lineTooLong: ['LINE_TOO_LONG', 'The text command is longer than the server allows'],
  resultsNotKept: ['NOT_KEPT', 'This server keeps no results of background jobs'],
  shuttingDown: ['SHUTDOWN', 'Server is shutting down'],
} as const
