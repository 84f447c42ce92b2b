import type { Contestant, Effort, Sample, Scenario } from './scenario.ts'

/** What a scenario has shown. */
export interface ScenarioResult {
  readonly name: string
  readonly title: string
  readonly group: string
  readonly unit: string
  readonly contestants: readonly ContestantResult[]
}

/** What a contestant has shown: a sample for each repetition that went well. */
export interface ContestantResult {
  readonly name: string
  readonly samples: readonly Sample[]
  /** Why there are none, or fewer. */
  readonly problem?: string
}

/** An ordinary run, and one that only shows that everything works. */
export const FULL: Effort = { warmUpMs: 500, measuredMs: 1200, share: 1 }
export const QUICK: Effort = { warmUpMs: 200, measuredMs: 300, share: 0.1 }

/** Repetitions are the outer loop and contestants the inner one: those that are compared run next to each other. */
export async function measureScenario(
  { contestants, ...about }: Scenario,
  repeat: number,
  effort: Effort,
): Promise<ScenarioResult> {
  const results = contestants.map((contestant) => new Runs(contestant))
  for (let round = 0; round < repeat; round += 1) {
    for (const result of results) await result.run(effort)
  }
  return { ...about, contestants: results.map((result) => result.result()) }
}

class Runs {
  readonly #contestant: Contestant
  readonly #samples: Sample[] = []
  #problem: string | undefined

  constructor(contestant: Contestant) {
    this.#contestant = contestant
    this.#problem = contestant.problem()
  }

  async run(effort: Effort): Promise<void> {
    if (this.#problem !== undefined) return
    try {
      this.#samples.push(await this.#contestant.run(effort))
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error)
    }
  }

  result(): ContestantResult {
    return {
      name: this.#contestant.name,
      samples: this.#samples,
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
    }
  }
}
