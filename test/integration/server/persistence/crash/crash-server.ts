/** A job server on a store, to be killed. Arguments: the kind of the store, its place, and a port. SIGTERM stops it well. */
import { GearmanServer } from 'gearman-sdk/server'
import { makeStore, type StoreSpec } from './store-kinds.ts'

const [kind, place = '', wantedPort = '0'] = process.argv.slice(2)
const store = makeStore({ kind, place } as StoreSpec)
const server = new GearmanServer({ port: Number(wantedPort), jobHandlePrefix: 'H:crash', store })
let jobs = 0
server.on('storeReplayed', (event) => {
  jobs = event.jobs
})
process.once('SIGTERM', () => void server.close())
const { port } = await server.listen()
console.log(`${port} ${jobs}`)
