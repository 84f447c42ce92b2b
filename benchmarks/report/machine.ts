import { execFileSync } from 'node:child_process'
import { cpus, totalmem } from 'node:os'

/** What a figure depends on besides. */
export interface Machine {
  readonly commit: string
  readonly node: string
  readonly processor: string
  readonly memory: string
  readonly kernel: string
  readonly gearmand: string
}

/** The machine that measures. */
export function describeMachine(): Machine {
  const gearmand = output('dpkg', ['-s', 'gearman-job-server'])
  return {
    commit: output('git', ['rev-parse', '--short', 'HEAD']),
    node: process.version,
    processor: `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    memory: `${Math.round(totalmem() / 1024 ** 3)} GiB`,
    kernel: output('uname', ['-sr']),
    gearmand: /^Version: (.*)$/m.exec(gearmand)?.[1] ?? 'unknown',
  }
}

function output(file: string, args: readonly string[]): string {
  try {
    return execFileSync(file, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return 'unknown'
  }
}
