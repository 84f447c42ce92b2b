import { InvalidClientState } from '../errors.ts'
import { PacketType } from '../protocol/packets.ts'
import type { GearmanJobRequest } from './job-request.ts'
import type { JobStatusReader } from './job-status-reader.ts'

/** Asks servers about the jobs of requests. */
export class RequestStatusReader {
  readonly #reader: JobStatusReader

  constructor(reader: JobStatusReader) {
    this.#reader = reader
  }

  /**
   * Asks for all; each answer becomes the `status` of its request.
   *
   * @returns a promise that rejects with the first failure, after all have ended
   * @throws InvalidClientState when one was never accepted; none is asked then
   */
  ask(requests: readonly GearmanJobRequest[]): Promise<void> {
    const questions = requests.map((request) => ({ request, where: locate(request) }))
    const answers = questions.map(async ({ request, where }) => {
      request.progress.openQuestions += 1
      try {
        request.status = await this.#reader.ask(
          where.connection,
          PacketType.GET_STATUS,
          where.handle,
        )
      } finally {
        request.progress.openQuestions -= 1
        request.progress.notify(request)
      }
    })
    const all = Promise.allSettled(answers).then((outcomes) => {
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
    })
    // The caller may have left by then, because its time ran out.
    all.catch(() => undefined)
    return all
  }
}

type Located = {
  readonly connection: NonNullable<GearmanJobRequest['job']['connection']>
  readonly handle: string
}

function locate({ job }: GearmanJobRequest): Located {
  const { connection, handle } = job
  if (connection !== undefined && handle !== undefined) return { connection, handle }
  throw new InvalidClientState('a request that no server has accepted has no status')
}
