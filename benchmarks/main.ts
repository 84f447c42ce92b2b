/**
 * `npm run bench -- [STUDY [ARGUMENTS]] [--quick] [--repeat N]`: see README.md in this folder. Machines are noisy: read
 * the ratios of one run, not the figures.
 */
import { parseArgs } from 'node:util'
import { availableServers } from './harness/servers.ts'
import { UsageError } from './harness/study.ts'
import { STUDIES } from './studies.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: 'boolean', short: 'h', default: false },
    quick: { type: 'boolean', default: false },
    repeat: { type: 'string' },
  },
})
const [first = ''] = positionals
const named = STUDIES.find(({ name }) => name === first)
// Without the name of a study, the words are arguments of the first one.
const study = named ?? STUDIES[0]
const args = named === undefined ? positionals : positionals.slice(1)
const repeat = values.repeat === undefined ? undefined : Number(values.repeat)
const isUsable = repeat === undefined || (Number.isInteger(repeat) && repeat >= 1)

if (values.help || study === undefined || !isUsable) {
  console.log('npm run bench -- [STUDY [ARGUMENTS]] [--quick] [--repeat N]\n')
  for (const { name, title } of STUDIES) console.log(`  ${name.padEnd(14)}${title}`)
  process.exitCode = values.help ? 0 : 2
} else {
  const servers = availableServers()
  if (servers.length < 2)
    console.log('gearmand is not installed: only the bundled server is measured')
  try {
    await study.run(servers, { args, isQuick: values.quick, repeat })
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    console.error(error.message)
    process.exitCode = 2
  }
}
