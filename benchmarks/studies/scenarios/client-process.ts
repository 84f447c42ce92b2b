/** One scenario's client in a process of its own: `client-process.ts ADDRESS SCENARIO`. Reports one figure. */
import { GearmanClient } from 'gearman-sdk'

const [address = '', scenario = ''] = process.argv.slice(2)
const client = new GearmanClient(address)

const WARM_UP_MS = 500
const MEASURED_MS = 1000
const BACKGROUND_JOBS = 100_000

const RUNS: Readonly<Record<string, () => Promise<number>>> = {
  seq: () => roundTrips(1, Buffer.alloc(16, 'x')),
  c100: () => roundTrips(100, Buffer.alloc(16, 'x')),
  c1000: () => roundTrips(1000, Buffer.alloc(16, 'x')),
  big: async () => (await roundTrips(1, Buffer.alloc(1024 * 1024, 'x'))) * 2,
  bg: () => submitBackground(''),
  'bg-unique': () => submitBackground(undefined),
  fill: () => submitBackground(''),
}

/** A closed loop: as many jobs in flight as asked for, over a fixed time; checks that what comes back is what was sent. */
async function roundTrips(inFlight: number, payload: Buffer): Promise<number> {
  const startMs = performance.now() + WARM_UP_MS
  const endMs = startMs + MEASURED_MS
  let count = 0
  const loop = async (): Promise<void> => {
    for (;;) {
      const result = await client.do('echo', payload, { unique: '' })
      const nowMs = performance.now()
      if (result.length !== payload.length) throw new Error('a result has the wrong length')
      if (nowMs > endMs) return
      if (nowMs > startMs) count += 1
    }
  }
  await Promise.all(Array.from({ length: inFlight }, loop))
  return (count / MEASURED_MS) * 1000
}

/** As fast as the API lets, until the last job is accepted. */
async function submitBackground(unique: string | undefined): Promise<number> {
  const data = Buffer.alloc(16, 'x')
  await client.submitJob('warm-up', data, { background: true })
  const options = unique === undefined ? {} : { unique }
  const startMs = performance.now()
  const requests = await client.submitMultipleJobs(
    Array.from({ length: BACKGROUND_JOBS }, () => ({ task: 'drain', data, ...options })),
    { background: true },
  )
  const seconds = (performance.now() - startMs) / 1000
  if (!requests.every((request) => request.complete)) throw new Error('a job was not accepted')
  return BACKGROUND_JOBS / seconds
}

const run = RUNS[scenario]
if (run === undefined) throw new Error(`no scenario ${scenario}`)
process.send?.(await run())
await client.shutdown()
process.disconnect?.()
