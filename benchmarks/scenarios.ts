import { startProcess } from './processes.ts'

/** Something to measure against a server. */
export interface Scenario {
  readonly name: string
  readonly title: string
  readonly unit: string
  /** @returns one figure; more is better */
  run(address: string): Promise<number>
}

const QUEUED_JOBS = 100_000

/** What `npm run bench` measures. */
export const SCENARIOS: readonly Scenario[] = [
  roundTrip('seq', 'round trip, one at a time', 'jobs/s', 1),
  roundTrip('c100', '100 foreground jobs in flight', 'jobs/s', 100),
  roundTrip('c1000', '1000 foreground jobs in flight', 'jobs/s', 1000),
  clientOnly('bg', 'background submit, empty unique', 'jobs/s'),
  clientOnly('bg-unique', 'background submit, unique ids', 'jobs/s'),
  { name: 'drain', title: 'drain a queue of 100,000', unit: 'jobs/s', run: drain },
  roundTrip('big', 'round trip of 1 MiB, there and back', 'MiB/s', 1),
]

/** A client and a worker; as many jobs at once as the client has in flight, 64 at most. */
function roundTrip(name: string, title: string, unit: string, inFlight: number): Scenario {
  const run = async (address: string): Promise<number> => {
    const worker = startProcess('./worker-process.ts', [address, String(Math.min(inFlight, 64))])
    try {
      await worker.next()
      return await runClient(address, name)
    } finally {
      await worker.stop()
    }
  }
  return { name, title, unit, run }
}

function clientOnly(name: string, title: string, unit: string): Scenario {
  return { name, title, unit, run: (address) => runClient(address, name) }
}

async function drain(address: string): Promise<number> {
  await runClient(address, 'fill')
  const worker = startProcess('./worker-process.ts', [address, '64', String(QUEUED_JOBS)])
  try {
    for (;;) {
      const message = await worker.next<unknown>()
      if (typeof message === 'number') return message
    }
  } finally {
    await worker.stop()
  }
}

async function runClient(address: string, scenario: string): Promise<number> {
  const client = startProcess('./client-process.ts', [address, scenario])
  try {
    return await client.next<number>()
  } finally {
    await client.stop()
  }
}
