/** Workers that sleep: `sleepers-process.ts ADDRESS COUNT`. Reports when all of them do. */
import { RawPeer } from '../../../test/helpers/raw-peer.ts'

const [address = '', count = '1'] = process.argv.slice(2)
const port = Number(address.split(':')[1])

for (let index = 0; index < Number(count); index += 1) {
  const peer = await RawPeer.connect(port)
  for (let name = 0; name < 10; name += 1) peer.send('CAN_DO', `function ${name}`)
  peer.send('PRE_SLEEP')
  await peer.sync()
}
process.send?.('asleep')
