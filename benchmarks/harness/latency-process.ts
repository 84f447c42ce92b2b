/**
 * An ordinary client: `latency-process.ts ADDRESS`. At each message, with a number of milliseconds, it calls `echo` one
 * job at a time for so long, and reports a {@link LatencyReport}.
 */
import { GearmanClient } from 'gearman-sdk'
import type { LatencyReport } from './latency-report.ts'

const [address = ''] = process.argv.slice(2)
const client = new GearmanClient(address)
const TIMEOUT_MS = 10_000

async function measure(durationMs: number): Promise<LatencyReport> {
  const endMs = performance.now() + durationMs
  const times: number[] = []
  let errors = 0
  while (performance.now() < endMs) {
    const startMs = performance.now()
    try {
      await client.do('echo', 'x', { unique: '', pollTimeout: TIMEOUT_MS })
    } catch {
      errors += 1
    }
    times.push(performance.now() - startMs)
  }
  times.sort((left, right) => left - right)
  const at = (part: number): number => times[Math.floor((times.length - 1) * part)] ?? Number.NaN
  return { calls: times.length, errors, p50: at(0.5), p99: at(0.99), max: at(1) }
}

process.on('message', ({ durationMs }: { readonly durationMs: number }) => {
  measure(durationMs).then(
    (report) => process.send?.(report),
    (error: unknown) => console.error(error),
  )
})
process.send?.('ready')
