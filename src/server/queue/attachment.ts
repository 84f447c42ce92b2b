import type { Job } from './job.ts'
import type { Peer } from './peer.ts'

/**
 * One foreground submission that waits for a job. A connection that submits twice is attached twice, and
 * gets every packet twice (gearmand keeps a `gearman_server_client_st` per submission).
 */
export interface Attachment {
  readonly client: Peer
  readonly job: Job
  previousOfJob: Attachment | undefined
  nextOfJob: Attachment | undefined
  previousOfClient: Attachment | undefined
  nextOfClient: Attachment | undefined
}

/** Lets a client wait for a job. */
export function attach(client: Peer, job: Job): void {
  const attachment: Attachment = {
    client,
    job,
    previousOfJob: undefined,
    nextOfJob: job.attachments,
    previousOfClient: undefined,
    nextOfClient: client.attachments,
  }
  if (job.attachments !== undefined) job.attachments.previousOfJob = attachment
  job.attachments = attachment
  if (client.attachments !== undefined) client.attachments.previousOfClient = attachment
  client.attachments = attachment
}

/** The client left, or the job ended. */
export function detach(attachment: Attachment): void {
  unlinkFromJob(attachment)
  unlinkFromClient(attachment)
  // What is garbage already, but was moved to the old generation, would keep its neighbours alive.
  attachment.previousOfJob = undefined
  attachment.nextOfJob = undefined
  attachment.previousOfClient = undefined
  attachment.nextOfClient = undefined
}

function unlinkFromJob({ job, previousOfJob, nextOfJob }: Attachment): void {
  if (previousOfJob === undefined) job.attachments = nextOfJob
  else previousOfJob.nextOfJob = nextOfJob
  if (nextOfJob !== undefined) nextOfJob.previousOfJob = previousOfJob
}

function unlinkFromClient({ client, previousOfClient, nextOfClient }: Attachment): void {
  if (previousOfClient === undefined) client.attachments = nextOfClient
  else previousOfClient.nextOfClient = nextOfClient
  if (nextOfClient !== undefined) nextOfClient.previousOfClient = previousOfClient
}
