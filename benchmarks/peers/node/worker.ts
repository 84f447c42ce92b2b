/**
 * A worker over a library for Node: `worker.ts LIBRARY HOST PORT CONCURRENCY JOBS`. With JOBS > 0 it reports how long so
 * many of the task `sink` took, but for a tenth that warms up.
 */
import type { NodeLibrary } from './adapter.ts'
import { endWithParent, report } from './report.ts'

const [name = '', host = '', port = '', concurrency = '1', expected = '0'] = process.argv.slice(2)
const { library } = (await import(`./${name}.ts`)) as { readonly library: NodeLibrary }

const jobs = Number(expected)
const warmUpJobs = Math.floor(jobs / 10)
let done = 0
let startMs = 0

endWithParent()
await library.startWorker(host, Number(port), Number(concurrency), {
  echo: (payload) => payload,
  sink: () => {
    if (done === warmUpJobs) startMs = performance.now()
    done += 1
    if (done === jobs)
      report({ jobs: jobs - warmUpJobs, allJobs: jobs, ms: performance.now() - startMs })
  },
})
report({ ready: true })
