import { type CommandLineServer, commandLineServers } from '../../harness/command-line-servers.ts'
import { startProcess } from '../../harness/processes.ts'
import { type Place, STORE_ROWS, type StoreRow } from './places.ts'
import type { SubmitCommand, SubmitReport } from './submit-process.ts'

const IN_FLIGHT = 1000

/** How many background jobs a second are accepted, with each store. */
export async function submitRates(longestMs: number): Promise<void> {
  const rows: Record<string, string>[] = []
  for (const store of STORE_ROWS) rows.push(await measureStore(store, longestMs))
  console.log(`\nbackground submits per second, ${IN_FLIGHT} in flight, 100 bytes, unique ids`)
  console.table(rows)
}

async function measureStore(store: StoreRow, longestMs: number): Promise<Record<string, string>> {
  const row: Record<string, string> = { store: store.title, durability: store.durability }
  const rates: number[] = []
  for (const server of commandLineServers()) {
    try {
      const { accepted, refused, perSecond } = await measure(store, server, longestMs)
      row[server.name] = Math.round(perSecond).toLocaleString('en')
      if (refused > 0) row[server.name] += `, ${refused} of ${accepted + refused} refused`
      rates.push(perSecond)
    } catch (error) {
      row[server.name] = error instanceof Error ? error.message : String(error)
    }
  }
  const [first, second] = rates
  if (first !== undefined && second !== undefined) row['ratio'] = `x${(second / first).toFixed(1)}`
  return row
}

async function measure(
  store: StoreRow,
  server: CommandLineServer,
  longestMs: number,
): Promise<SubmitReport> {
  const place = await store.prepare()
  try {
    return await submitTo(place, server, { jobs: 1e9, inFlight: IN_FLIGHT, longestMs })
  } finally {
    await place.remove()
  }
}

async function submitTo(
  { args }: Place,
  server: CommandLineServer,
  command: SubmitCommand,
): Promise<SubmitReport> {
  const running = await server.start(args)
  const client = startProcess(new URL('./submit-process.ts', import.meta.url), [running.address])
  try {
    await client.next()
    client.send(command)
    return await client.next<SubmitReport>()
  } finally {
    await client.stop()
    await running.stop()
  }
}
