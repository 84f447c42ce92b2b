/** Python's pickle, for partners that keep their jobs pickled. The bytes below are what Python 3 wrote. */
import {
  GearmanClient,
  GearmanWorker,
  PickleDataEncoder,
  PyTuple,
  PythonError,
  UnpicklingError,
} from 'gearman-sdk'
import { useServers } from './shared/servers.ts'

await using servers = await useServers()

await using worker = new GearmanWorker(servers.hostList, { dataEncoder: PickleDataEncoder })
worker.registerTask('repr', (_worker, job) => repr(job.data))
worker.registerTask('echo', (_worker, job) => job.data)
worker.registerTask('fail', () => {
  throw new PythonError('ValueError', { args: ['not today'] })
})
void worker.work()

// As a property of a class, as python-gearman's manual does it.
class PickleGearmanClient extends GearmanClient<object, PickleDataEncoder> {
  override dataEncoder = PickleDataEncoder
}
await using client = new PickleGearmanClient(servers.hostList)

const tuple = PyTuple.of('with', 'a', 'tuple')
console.log(await client.do('repr', ['a string', 5, { a_dict: tuple }, null]))

// A Python client that sends the very bytes: pickle.dumps((3, 2**64, {1, 2}), 4)
const written = Buffer.from(
  '80049518000000000000004b038a090000000000000000018f94284b014b029087942e',
  'hex',
)
await using python = new GearmanClient(servers.hostList)
const answer = await python.do('echo', written)
console.log(new PickleDataEncoder().decode(answer))

// What a callback throws is an exception in Python, and a Python exception is an error here.
const { exception } = await client.submitJob('fail', null)
if (exception instanceof PythonError) {
  console.log(`${exception} (${exception.className} of ${exception.module})`)
}

// Whatever a pickle wants to run is not run: the job fails.
const malicious = Buffer.from('cos\nsystem\n(Vrm -rf /\ntR.')
try {
  new PickleDataEncoder().decode(malicious)
} catch (error) {
  if (error instanceof UnpicklingError) console.log(`refused: ${error.opcode} ${error.global}`)
}

/** What Python would print, for the types that are used here. */
function repr(value: unknown): string {
  if (value === null) return 'None'
  if (typeof value === 'string') return `'${value}'`
  if (value instanceof PyTuple) return `(${value.map(repr).join(', ')})`
  if (Array.isArray(value)) return `[${value.map(repr).join(', ')}]`
  if (typeof value !== 'object') return String(value)
  const entries = Object.entries(value).map(([key, item]) => `'${key}': ${repr(item)}`)
  return `{${entries.join(', ')}}`
}
