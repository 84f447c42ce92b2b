/**
 * `--import` of a measured process: profiles it from its start, and writes what it found at its end to the folder that
 * PROFILE_FOLDER names, as PROFILE_KIND says: `cpu`, or `heap` for what it allocates, garbage included.
 */
import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector'
import { basename } from 'node:path'
import { PerformanceObserver } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'

const { PROFILE_FOLDER: folder = '.', PROFILE_KIND: kind } = process.env
const SAMPLING_INTERVAL_US = 250
const HEAP_SAMPLING_BYTES = 16 * 1024

const session = new Session()
session.connect()
if (kind === 'cpu') {
  session.post('Profiler.enable')
  session.post('Profiler.setSamplingInterval', { interval: SAMPLING_INTERVAL_US })
  session.post('Profiler.start')
} else {
  // The types of Node 20 do not know that collected objects can be counted as well.
  const options: object = {
    samplingInterval: HEAP_SAMPLING_BYTES,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  }
  session.post('HeapProfiler.enable')
  session.post('HeapProfiler.startSampling', options)
}

let collections = 0
let collectionMs = 0
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) {
    collections += 1
    collectionMs += duration
  }
}).observe({ entryTypes: ['gc'] })

process.once('SIGTERM', () => {
  // The command of this package ends by itself.
  if (process.listenerCount('SIGTERM') === 0) process.exit(0)
})
process.once('exit', () => {
  const role = basename(process.argv[1] ?? '').replace(/^node-|^generator-|\.mjs$/g, '')
  const path = `${folder}/${role === 'cli' ? 'server' : role}`
  if (kind === 'cpu') {
    session.post('Profiler.stop', (_error, { profile }) => {
      writeFileSync(`${path}.cpuprofile`, JSON.stringify(profile))
    })
    return
  }
  session.post('HeapProfiler.stopSampling', (_error, { profile }) => {
    writeFileSync(`${path}.heapprofile`, JSON.stringify(profile))
  })
  const summary = { collections, collectionMs, ...process.memoryUsage(), ...getHeapStatistics() }
  writeFileSync(`${path}.heap.json`, JSON.stringify(summary, null, 1))
})
