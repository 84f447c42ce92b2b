import { buildPrograms } from '../harness/built-programs.ts'
import { installPeers } from '../peers/install.ts'
import { NO_DELAY, NODE_CLIENT, NODE_WORKER } from '../peers/node/programs.ts'
import { GENERATOR } from './server-contestants.ts'

/** Installs what is missing, and builds the programs of the contestants. */
export async function prepareContestants(): Promise<void> {
  installPeers()
  await buildPrograms([NODE_CLIENT, NODE_WORKER, NO_DELAY, GENERATOR])
}
