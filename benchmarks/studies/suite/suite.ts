import { FULL, measureScenario, QUICK, type ScenarioResult } from '../../contestants/measure.ts'
import { prepareContestants } from '../../contestants/prepare.ts'
import type { Contestant, Scenario } from '../../contestants/scenario.ts'
import { GENERATOR_NAME } from '../../contestants/server-contestants.ts'
import { type Study, type StudyOptions, UsageError } from '../../harness/study.ts'
import { printScenario, printTargets } from '../../report/print.ts'
import { keepResults } from '../../report/results.ts'
import { SCENARIOS } from './scenarios.ts'
import { judge, TARGETS } from './targets.ts'

const REPEAT = 5
const QUICK_NOTE =
  '\nA quick run shows that everything works: a tenth of the work, in code that is cold. Its figures say little.'

/** Everything beside everything: `npm run bench`, or `npm run bench -- SCENARIO...`. */
export const suite: Study = {
  name: 'suite',
  title: 'this SDK and its server beside the other libraries and servers; SCENARIO... names some',
  run: async (_servers, options) => {
    const isReduced = options.isQuick && options.args.length === 0
    const scenarios = isReduced ? SCENARIOS.map(onlyTargets) : chosen(SCENARIOS, options.args)
    await run('suite', scenarios, options)
  },
}

/** Only what the targets are about: `npm run bench -- targets [SCENARIO...]`. */
export const targets: Study = {
  name: 'targets',
  title: 'only what is to be reached, and whether it is',
  run: async (_servers, options) => {
    await run('targets', chosen(SCENARIOS.map(onlyTargets), options.args), options)
  },
}

async function run(
  name: string,
  scenarios: readonly Scenario[],
  { isQuick, repeat = isQuick ? 1 : REPEAT }: StudyOptions,
): Promise<void> {
  await prepareContestants()
  const results: ScenarioResult[] = []
  for (const scenario of scenarios) {
    if (scenario.contestants.length === 0) continue
    const result = await measureScenario(scenario, repeat, isQuick ? QUICK : FULL)
    printScenario(result)
    results.push(result)
  }
  if (isQuick) console.log(QUICK_NOTE)
  printTargets(judge(results))
  console.log(keepResults(isQuick ? `${name}-quick` : name, results, repeat))
}

function chosen(scenarios: readonly Scenario[], names: readonly string[]): readonly Scenario[] {
  const unknown = names.find((name) => !scenarios.some((scenario) => scenario.name === name))
  if (unknown !== undefined) {
    const known = scenarios.map(({ name }) => name).join(' ')
    throw new UsageError(`no scenario or study ${unknown}; scenarios: ${known}`)
  }
  return names.length === 0 ? scenarios : scenarios.filter(({ name }) => names.includes(name))
}

/** Without the contestants that no target is about; what bounds them stays. */
function onlyTargets(scenario: Scenario): Scenario {
  const about = TARGETS.filter((target) => target.scenario === scenario.name)
  const isNeeded = ({ name }: Contestant): boolean =>
    about.some(({ ours, than }) => [ours, GENERATOR_NAME, ...than].includes(name))
  return { ...scenario, contestants: scenario.contestants.filter(isNeeded) }
}
