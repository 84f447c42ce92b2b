/** A job server on a store, to be killed. Arguments: the kind of the store, and its place. SIGTERM stops it well. */
import { GearmanServer } from 'gearman-sdk/server'
import { makeStore, type StoreSpec } from './store-kinds.ts'

const [kind, place = ''] = process.argv.slice(2)
const store = makeStore({ kind, place } as StoreSpec)
const server = new GearmanServer({ port: 0, jobHandlePrefix: 'H:crash', store })
let jobs = 0
server.on('storeReplayed', (event) => {
  jobs = event.jobs
})
process.once('SIGTERM', () => void server.close())
const { port } = await server.listen()
console.log(`${port} ${jobs}`)
