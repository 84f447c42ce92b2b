/**
 * `npm run bench -- shares`: how jobs are shared out over ten workers, and over the tasks of one worker, with and
 * without gearmand's options for that.
 */
import { connect } from 'node:net'
import { RawPeer } from '../../../test/helpers/raw-peer.ts'
import type { BenchmarkServer, StartOptions } from '../../harness/servers.ts'
import type { Study } from '../../harness/study.ts'

const WORKERS = 10
const JOBS = 1000
const IN_FLIGHT = 3
const WORK_MS = 2

const VARIANTS: readonly (StartOptions & { readonly name: string })[] = [
  { name: 'default' },
  { name: '-R', gearmand: ['--round-robin'], bundled: { roundRobin: true } },
  { name: '-w 1', gearmand: ['--worker-wakeup=1'], bundled: { workerWakeup: 1 } },
  {
    name: '-R -w 1',
    gearmand: ['--round-robin', '--worker-wakeup=1'],
    bundled: { roundRobin: true, workerWakeup: 1 },
  },
]

/** How jobs are shared out. */
export const shares: Study = {
  name: 'shares',
  title: 'how jobs are shared out over workers and tasks',
  async run(servers): Promise<void> {
    const rows: Record<string, string | number>[] = []
    for (const variant of VARIANTS) {
      for (const server of servers) rows.push(await measure(server, variant))
    }
    console.log(`${JOBS} jobs of ${WORK_MS} ms, ${IN_FLIGHT} at a time, ${WORKERS} workers`)
    console.table(rows)
  },
}

async function measure(
  server: BenchmarkServer,
  { name, ...options }: StartOptions & { readonly name: string },
): Promise<Record<string, string | number>> {
  const running = await server.start(options)
  try {
    const port = Number(running.address.split(':').at(-1))
    const workers = await Promise.all(Array.from({ length: WORKERS }, () => startWorker(port)))
    await submitAll(port)
    const counts = workers.map(({ jobs }) => jobs)
    const wasted = workers.reduce((sum, { emptyHanded }) => sum + emptyHanded, 0)
    for (const { peer } of workers) peer.destroy()
    return {
      options: name,
      server: server.name,
      'fewest jobs of a worker': Math.min(...counts),
      'most jobs of a worker': Math.max(...counts),
      'NO_JOB for each job': (wasted / JOBS).toFixed(1),
      'two tasks of 50 jobs, the first 50 done': await shareOfTasks(port),
    }
  } finally {
    await running.stop()
  }
}

interface ShareWorker {
  readonly peer: RawPeer
  jobs: number
  emptyHanded: number
}

/** Asks for a job when it is woken and after each job, and sleeps when there is none. */
async function startWorker(port: number): Promise<ShareWorker> {
  const peer = await RawPeer.connect(connect({ host: '127.0.0.1', port, noDelay: true }))
  const worker = { peer, jobs: 0, emptyHanded: 0 }
  peer.send('CAN_DO', 'share')
  peer.send('PRE_SLEEP')
  await peer.sync()
  workOn(worker).catch(() => undefined) // it ends with its connection
  return worker
}

async function workOn(worker: ShareWorker): Promise<never> {
  const { peer } = worker
  for (;;) {
    const reply = await peer.next()
    if (reply.kind !== 'packet') continue
    if (reply.name === 'JOB_ASSIGN') {
      worker.jobs += 1
      await new Promise((resolve) => setTimeout(resolve, WORK_MS))
      peer.send('WORK_COMPLETE', reply.args[0] ?? '', '')
    }
    if (reply.name === 'NO_JOB') worker.emptyHanded += 1
    peer.send(reply.name === 'NO_JOB' ? 'PRE_SLEEP' : 'GRAB_JOB')
  }
}

async function submitAll(port: number): Promise<void> {
  const client = await RawPeer.connect(port)
  let submitted = 0
  const submit = (): void => {
    if (submitted < JOBS) client.send('SUBMIT_JOB', 'share', '', 'x')
    submitted += 1
  }
  for (let count = 0; count < IN_FLIGHT; count += 1) submit()
  for (let done = 0; done < JOBS; ) {
    const reply = await client.next()
    if (reply.kind !== 'packet' || reply.name !== 'WORK_COMPLETE') continue
    done += 1
    submit()
  }
  client.destroy()
}

/** One worker of two tasks that both have work. */
async function shareOfTasks(port: number): Promise<string> {
  const peer = await RawPeer.connect(port)
  const counts = new Map<string, number>()
  for (const task of ['first', 'second']) {
    peer.send('CAN_DO', task)
    for (let count = 0; count < 50; count += 1) peer.send('SUBMIT_JOB_BG', task, '', 'x')
  }
  await peer.sync()
  for (let count = 0; count < 50; count += 1) {
    peer.send('GRAB_JOB')
    const [handle = '', task = ''] = await peer.expect('JOB_ASSIGN')
    counts.set(task, (counts.get(task) ?? 0) + 1)
    peer.send('WORK_COMPLETE', handle, '')
  }
  peer.destroy()
  return `${counts.get('first') ?? 0} : ${counts.get('second') ?? 0}`
}
