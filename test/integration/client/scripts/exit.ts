/** What a short program does with a client, and never shuts it down: the argument says what. */
import { GearmanClient } from '../../../../src/index.ts'

const [what, task = 't'] = process.argv.slice(2)
const client = new GearmanClient()

if (what === 'idle') {
  await client.submitJob(task, 'x', { background: true })
  console.log('submitted')
} else if (what === 'unused') {
  console.log('made')
} else if (what === 'call') {
  console.log('result', String(await client.do(task, 'x')))
} else if (what === 'accepted') {
  const request = await client.submitJob(task, 'x', { waitUntilComplete: false })
  console.log('accepted', request.state)
} else if (what === 'unheard') {
  // Nobody listens to the outcome: a rejection must not be lost, and must not crash anything else.
  client.do(task, 'x').catch((error: unknown) => console.log((error as { code: string }).code))
} else {
  throw new Error(`unknown: ${what}`)
}
