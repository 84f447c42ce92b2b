/** A server in a process that may open few files: tells its port, and each event `error`, a line each. */
import { GearmanServer } from 'gearman-sdk/server'

const server = new GearmanServer({ port: 0 })
server.on('error', ({ error }) => {
  console.log(`error ${(error.cause as NodeJS.ErrnoException).code} ${error.message}`)
})
server.on('closed', () => console.log('closed'))
const { port } = await server.listen()
console.log(`port ${port}`)
