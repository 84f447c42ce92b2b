import type { FunctionQueue } from '../queue/function-queue.ts'
import type { Peer } from '../queue/peer.ts'
import { Priority } from '../queue/priority.ts'
import { formatName, formatTable, type TextCommand } from './text-command.ts'

/** `status`: `NAME TOTAL RUNNING WORKERS`; TOTAL counts the running ones too. */
export const status: TextCommand = (_words, { table }) =>
  formatTable(
    table.functions.values(),
    ({ name, total, running, workers }) =>
      `${formatName(name)}\t${total}\t${running}\t${workers}\n`,
  )

/** `prioritystatus`: `NAME HIGH NORMAL LOW WORKERS`, without the running ones. */
export const prioritystatus: TextCommand = (_words, { table }) =>
  formatTable(table.functions.values(), formatPriorities)

function formatPriorities(queue: FunctionQueue): string {
  const counts = [Priority.High, Priority.Normal, Priority.Low].map((priority) =>
    queue.waiting(priority),
  )
  return `${formatName(queue.name)}\t${counts.join('\t')}\t${queue.workers}\n`
}

/** `workers`: every connection, `FD IP ID : FUNCTION ...`, the newest registration first. */
export const workers: TextCommand = (_words, { server }) =>
  formatTable(server.peers(), formatWorker)

function formatWorker({ id, address, clientId, abilities }: Peer): string {
  const names = Array.from(abilities, ({ queue }) => ` ${formatName(queue.name)}`).reverse()
  return `${id} ${address} ${formatName(clientId)} :${names.join('')}\n`
}
