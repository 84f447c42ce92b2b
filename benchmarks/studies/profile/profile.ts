import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { FULL } from '../../contestants/measure.ts'
import { prepareContestants } from '../../contestants/prepare.ts'
import type { Contestant } from '../../contestants/scenario.ts'
import { type BuiltProgram, buildPrograms, builtProgram } from '../../harness/built-programs.ts'
import { type Study, UsageError } from '../../harness/study.ts'
import { figure } from '../../report/figure.ts'
import { resultPath } from '../../report/results.ts'
import { SCENARIOS } from '../suite/scenarios.ts'
import { type CpuProfile, type HeapProfile, selfBytes, selfTimes } from './summarize.ts'

const HOOK: BuiltProgram = builtProgram(new URL('./profile-hook.ts', import.meta.url))
const ROLES = ['client', 'worker', 'server', 'generator']
const LINES = 30
const KIB = 1024

/** Where time and memory go: `npm run bench -- profile SCENARIO [CONTESTANT]`. */
export const profile: Study = {
  name: 'profile',
  title:
    'CPU profiles and a heap summary of what takes part in SCENARIO, of this SDK or of [CONTESTANT]',
  run: async (_servers, { args }) => {
    const [scenario = '', wanted] = args
    const contestant = find(scenario, wanted)
    await prepareContestants()
    await buildPrograms([HOOK])
    const folder = resultPath(`profiles/${scenario}`)
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    for (const kind of ['cpu', 'heap']) {
      const { value } = await runProfiled(contestant, folder, kind)
      console.log(`${contestant.name} with a ${kind} profile: ${figure(value)}`)
    }
    for (const role of ROLES) printRole(folder, role)
    console.log(`\nfor the developer tools of a browser: ${folder}`)
  },
}

function find(scenario: string, wanted: string | undefined): Contestant {
  const found = SCENARIOS.find(({ name }) => name === scenario)
  if (found === undefined) {
    throw new UsageError(
      `no scenario ${scenario}: one of ${SCENARIOS.map(({ name }) => name).join(' ')}`,
    )
  }
  const contestant = found.contestants.find(({ name }) =>
    wanted === undefined ? name.startsWith('gearman-sdk') : name === wanted,
  )
  if (contestant === undefined) {
    const names = found.contestants.map(({ name }) => `"${name}"`).join(', ')
    throw new UsageError(`${scenario} has no contestant ${wanted}: one of ${names}`)
  }
  return contestant
}

/** All processes for Node that it starts take the hook from the environment. */
async function runProfiled(
  contestant: Contestant,
  folder: string,
  kind: string,
): Promise<{ readonly value: number }> {
  const before = process.env['NODE_OPTIONS']
  Object.assign(process.env, {
    NODE_OPTIONS: `${before ?? ''} --import ${pathToFileURL(HOOK.path)}`,
    PROFILE_FOLDER: folder,
    PROFILE_KIND: kind,
  })
  try {
    return await contestant.run(FULL)
  } finally {
    if (before === undefined) delete process.env['NODE_OPTIONS']
    else process.env['NODE_OPTIONS'] = before
  }
}

function printRole(folder: string, role: string): void {
  const cpu = `${folder}/${role}.cpuprofile`
  if (existsSync(cpu)) {
    const { busyMs, idleMs, lines } = selfTimes(read<CpuProfile>(cpu))
    const share = (ms: number): string => `${((ms / busyMs) * 100).toFixed(1)} %`
    console.log(
      `\n${role}: busy ${figure(busyMs)} ms, idle ${figure(idleMs)} ms; of the busy time:`,
    )
    console.table(
      lines.slice(0, LINES).map(({ place, amount }) => ({ self: share(amount), where: place })),
    )
  }
  const heap = `${folder}/${role}.heapprofile`
  if (existsSync(heap)) {
    const about = read<Record<string, number>>(`${folder}/${role}.heap.json`)
    const { total, lines } = selfBytes(read<HeapProfile>(heap))
    console.log(
      `\n${role}: allocated ${figure(total / KIB / KIB)} MiB, ${about['collections']} collections in ${figure(about['collectionMs'] ?? 0)} ms, heap ${figure((about['heapUsed'] ?? 0) / KIB / KIB)} MiB at the end; allocated by:`,
    )
    console.table(
      lines
        .slice(0, LINES)
        .map(({ place, amount }) => ({ KiB: figure(amount / KIB), where: place })),
    )
  }
}

function read<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T
}
