import { execFileSync } from 'node:child_process'

/** The number of the account `nobody`, or of its group. */
export function idOfNobody(what: '-u' | '-g'): number {
  return Number(execFileSync('id', [what, 'nobody']).toString())
}
