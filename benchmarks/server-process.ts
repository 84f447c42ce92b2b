/** The bundled server in a process of its own. */
import { GearmanServer } from 'gearman-sdk/server'

const server = new GearmanServer({ port: 0 })
const { host, port } = await server.listen()
process.send?.(`${host}:${port}`)
