import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { ScenarioResult } from './measure.ts'

const FOLDER = fileURLToPath(new URL('../../results', import.meta.url))

/** One run of the suite. */
export interface SuiteResult {
  readonly startedAt: string
  readonly isQuick: boolean
  readonly repeat: number
  readonly machine: Readonly<Record<string, string>>
  readonly scenarios: readonly ScenarioResult[]
}

/** What a figure depends on besides. */
export function describeMachine(): Record<string, string> {
  return {
    commit: commandLine('git', ['rev-parse', '--short', 'HEAD']),
    node: process.version,
    processor: `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    memory: `${Math.round(totalmem() / 1024 ** 3)} GiB`,
    kernel: commandLine('uname', ['-sr']),
    gearmand:
      /^Version: (.*)$/m.exec(commandLine('dpkg', ['-s', 'gearman-job-server']))?.[1] ?? 'unknown',
  }
}

/** Writes a run as JSON to benchmarks/results; returns the path. */
export function writeResult(name: string, result: SuiteResult): string {
  mkdirSync(FOLDER, { recursive: true })
  const path = `${FOLDER}/${name}.json`
  writeFileSync(path, `${JSON.stringify(result, null, 1)}\n`)
  return path
}

/** Reads a run again. */
export function readResult(name: string): SuiteResult {
  return JSON.parse(readFileSync(`${FOLDER}/${name}.json`, 'utf8')) as SuiteResult
}

function commandLine(file: string, args: readonly string[]): string {
  try {
    return execFileSync(file, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return 'unknown'
  }
}
