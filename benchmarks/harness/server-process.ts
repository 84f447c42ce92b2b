/** The bundled server in a process of its own: `server-process.ts [OPTIONS AS JSON]`. Reports its address. */
import { GearmanServer } from 'gearman-sdk/server'

const [options = '{}'] = process.argv.slice(2)
const server = new GearmanServer({ port: 0, ...JSON.parse(options) })
const { host, port } = await server.listen()
process.send?.(`${host}:${port}`)
