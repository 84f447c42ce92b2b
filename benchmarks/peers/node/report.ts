/** One line of JSON on stdout: how the programs of all languages report. */
export function report(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`)
}

/** Ends the process with its stdin, however its parent ends. */
export function endWithParent(): void {
  process.stdin.resume().once('end', () => process.exit())
}
