import { startProcess } from '../../harness/processes.ts'
import type { BenchmarkServer } from '../../harness/servers.ts'
import type { Study } from '../../harness/study.ts'
import { median, printTable, type Row } from './report.ts'

/** Something to measure against a server. */
interface Scenario {
  readonly name: string
  readonly title: string
  readonly unit: string
  /** @returns one figure; more is better */
  run(address: string): Promise<number>
}

const QUEUED_JOBS = 100_000

const SCENARIOS: readonly Scenario[] = [
  roundTrip('seq', 'round trip, one at a time', 'jobs/s', 1),
  roundTrip('c100', '100 foreground jobs in flight', 'jobs/s', 100),
  roundTrip('c1000', '1000 foreground jobs in flight', 'jobs/s', 1000),
  clientOnly('bg', 'background submit, empty unique', 'jobs/s'),
  clientOnly('bg-unique', 'background submit, unique ids', 'jobs/s'),
  { name: 'drain', title: 'drain a queue of 100,000', unit: 'jobs/s', run: drain },
  roundTrip('big', 'round trip of 1 MiB, there and back', 'MiB/s', 1),
]

/** This SDK's client and worker, each in a process of its own, against gearmand and against the bundled server. */
export const scenarios: Study = {
  name: 'scenarios',
  title: 'client and worker of this SDK, on gearmand and on the bundled server',
  async run(servers, { args, repeat = 3 }) {
    const chosen = SCENARIOS.filter(({ name }) => args.length === 0 || args.includes(name))
    const rows: Row[] = []
    for (const scenario of chosen) {
      rows.push(await measure(scenario, servers, repeat))
      console.log(`${scenario.name} done`)
    }
    printTable(
      servers.map(({ name }) => name),
      rows,
    )
  },
}

/** The servers take turns within each repetition, so that both see the same noise. */
async function measure(
  scenario: Scenario,
  servers: readonly BenchmarkServer[],
  repeat: number,
): Promise<Row> {
  const figures = servers.map((): number[] => [])
  for (let round = 0; round < repeat; round += 1) {
    for (const [index, server] of servers.entries()) {
      const running = await server.start()
      try {
        figures[index]?.push(await scenario.run(running.address))
      } finally {
        await running.stop()
      }
    }
  }
  return { title: scenario.title, unit: scenario.unit, medians: figures.map(median) }
}

/** A client and a worker; as many jobs at once as the client has in flight, 64 at most. */
function roundTrip(name: string, title: string, unit: string, inFlight: number): Scenario {
  const run = async (address: string): Promise<number> => {
    const worker = startProcess(new URL('../../harness/worker-process.ts', import.meta.url), [
      address,
      String(Math.min(inFlight, 64)),
    ])
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
  const worker = startProcess(new URL('../../harness/worker-process.ts', import.meta.url), [
    address,
    '64',
    String(QUEUED_JOBS),
  ])
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
  const client = startProcess(new URL('./client-process.ts', import.meta.url), [address, scenario])
  try {
    return await client.next<number>()
  } finally {
    await client.stop()
  }
}
