/** A code block of a Markdown file. */
export interface CodeBlock {
  /** The heading above it. */
  readonly heading: string
  /** The language, as its fence says it. */
  readonly language: string
  /** The words behind the language. */
  readonly flags: readonly string[]
  readonly code: string
  /** The `text` block that follows at once: what it writes. */
  readonly output: string | undefined
}

const HEADING = /^#+ (.*)$/
/** The language of what a program writes. */
const OUTPUT = 'text'
const FENCE = /^```(\w+) ?(.*)$/

/** The TypeScript blocks of a Markdown file, in their order. */
export function readTypeScriptBlocks(markdown: string): CodeBlock[] {
  return readCodeBlocks(markdown).filter(({ language }) => language === 'ts')
}

/** The code blocks of a Markdown file, in their order; what others write is no block of its own. */
export function readCodeBlocks(markdown: string): CodeBlock[] {
  const blocks: CodeBlock[] = []
  const lines = markdown.split('\n')
  let heading = ''
  for (let at = 0; at < lines.length; at++) {
    heading = HEADING.exec(lines[at] ?? '')?.[1] ?? heading
    const [fence, language, flags = ''] = FENCE.exec(lines[at] ?? '') ?? []
    if (fence === undefined) continue
    const end = lines.indexOf('```', at)
    if (language !== undefined && language !== OUTPUT) {
      blocks.push({
        heading,
        language,
        flags: flags.split(' ').filter((flag) => flag !== ''),
        code: textOf(lines, at, end),
        output: readOutput(lines, end + 1),
      })
    }
    at = end
  }
  return blocks
}

function readOutput(lines: readonly string[], from: number): string | undefined {
  if (lines[from] !== '' || lines[from + 1] !== `\`\`\`${OUTPUT}`) return undefined
  return textOf(lines, from + 1, lines.indexOf('```', from + 2))
}

/** What stands between two fences. */
function textOf(lines: readonly string[], from: number, to: number): string {
  return `${lines.slice(from + 1, to).join('\n')}\n`
}
