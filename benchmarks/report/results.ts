import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ScenarioResult } from '../contestants/measure.ts'
import { describeMachine, type Machine } from './machine.ts'

const FOLDER = fileURLToPath(new URL('../results', import.meta.url))
const DIGITS = 5

/** A scenario that was measured, and when and where. */
export interface MeasuredScenario extends ScenarioResult {
  readonly measuredAt: string
  readonly repeat: number
  readonly machine: Machine
}

/** Where a file of results is. */
export function resultPath(file: string): string {
  return `${FOLDER}/${file}`
}

/** What was measured last of each scenario; nothing where there is no such file. */
export function readResults(name: string): MeasuredScenario[] {
  const path = resultPath(`${name}.json`)
  if (!existsSync(path)) return []
  return (JSON.parse(readFileSync(path, 'utf8')) as { scenarios: MeasuredScenario[] }).scenarios
}

/** What was measured last of each scenario of the suite, by a run of the suite or of its targets alone. */
export function latestOfSuite(): MeasuredScenario[] {
  const latest = new Map<string, MeasuredScenario>()
  for (const scenario of [...readResults('suite'), ...readResults('targets')]) {
    const known = latest.get(scenario.name)
    if (known === undefined || known.measuredAt < scenario.measuredAt) {
      latest.set(scenario.name, scenario)
    }
  }
  return [...latest.values()]
}

/**
 * Puts scenarios that were just measured in the place of what is kept of them, so that a run may be about some of them.
 * Returns the path.
 */
export function keepResults(
  name: string,
  measured: readonly ScenarioResult[],
  repeat: number,
): string {
  const machine = describeMachine()
  const measuredAt = new Date().toISOString()
  const kept = new Map(readResults(name).map((scenario) => [scenario.name, scenario]))
  for (const scenario of measured) {
    const { name: key, title, group, unit, contestants } = scenario
    kept.set(key, { name: key, title, group, unit, measuredAt, repeat, machine, contestants })
  }
  writeResultFile(`${name}.json`, toJson([...kept.values()]))
  return resultPath(`${name}.json`)
}

/** Writes a file of results. */
export function writeResultFile(file: string, text: string): void {
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(resultPath(file), text)
}

/** One line for each contestant: what changes is seen line by line. */
function toJson(scenarios: readonly MeasuredScenario[]): string {
  const blocks = scenarios.map(({ contestants, ...about }) => {
    const lines = contestants.map((contestant) => `   ${JSON.stringify(contestant, rounded)}`)
    const front = JSON.stringify(about).slice(0, -1)
    return `  ${front},"contestants":[\n${lines.join(',\n')}\n  ]}`
  })
  return `{"scenarios":[\n${blocks.join(',\n')}\n]}\n`
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(DIGITS)) : value
}
