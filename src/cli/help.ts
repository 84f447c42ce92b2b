import { OPTION_SECTIONS } from './options/option-table.ts'
import type { OptionSection, ServerOption } from './options/server-option.ts'

/** gearmand's layout: what an option is called on the left, what it does on the right. */
const WIDTH = 80
const LEFT_WIDTH = 40

/** What `gearman-sdk --help` prints. */
export const COMMAND_HELP = `Usage: gearman-sdk COMMAND [options]

Commands:
  server          Job server in place of gearmand. Takes gearmand's options.

  --help          Print this help.
  --version       Display the version and exit.

gearman-sdk server --help shows the options of the server.
`

/** What `gearman-sdk server --help` prints. */
export function serverHelp(): string {
  const sections = OPTION_SECTIONS.map(formatSection)
  return `Usage: gearman-sdk server [options]\n\nAllowed options:\n\n${sections.join('\n')}`
}

function formatSection({ title, options }: OptionSection): string {
  return `${title}:\n${options.map(formatOption).join('')}`
}

function formatOption(option: ServerOption): string {
  const left = `  ${formatName(option)}`
  const right = wrap(option.help, WIDTH - LEFT_WIDTH)
  const indented = right.map((line) => `${' '.repeat(LEFT_WIDTH)}${line}\n`)
  // A name that is too long has a line of its own, as in gearmand.
  if (left.length >= LEFT_WIDTH) return `${left}\n${indented.join('')}`
  return left + indented.join('').slice(left.length)
}

function formatName({ name, short, expects, shownDefault }: ServerOption): string {
  const names = short === undefined ? `--${name}` : `-${short} [ --${name} ]`
  if (expects === undefined) return names
  return shownDefault === undefined ? `${names} arg` : `${names} arg (=${shownDefault})`
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (longer.length > width && line !== '') {
      lines.push(line)
      line = word
    } else {
      line = longer
    }
  }
  return [...lines, line]
}
