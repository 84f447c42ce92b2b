import { Priority } from '../queue/priority.ts'
import { formatName, formatTable, type TextCommand } from './text-command.ts'

/** `status`: `NAME TOTAL RUNNING WORKERS`; TOTAL counts the running ones too. */
export const status: TextCommand = (_words, { table }) =>
  formatTable(
    Array.from(
      table.functions.values(),
      ({ name, total, running, workers }) =>
        `${formatName(name)}\t${total}\t${running}\t${workers}\n`,
    ),
  )

/** `prioritystatus`: `NAME HIGH NORMAL LOW WORKERS`, without the running ones. */
export const prioritystatus: TextCommand = (_words, { table }) =>
  formatTable(
    Array.from(table.functions.values(), (queue) => {
      const counts = [Priority.High, Priority.Normal, Priority.Low].map((priority) =>
        queue.waiting(priority),
      )
      return `${formatName(queue.name)}\t${counts.join('\t')}\t${queue.workers}\n`
    }),
  )

/** `workers`: every connection, `FD IP ID : FUNCTION ...`, the newest registration first. */
export const workers: TextCommand = (_words, { server }) => {
  const rows: string[] = []
  for (const { id, address, clientId, abilities } of server.peers()) {
    const names = Array.from(abilities, ({ queue }) => ` ${formatName(queue.name)}`).reverse()
    rows.push(`${id} ${address} ${formatName(clientId)} :${names.join('')}\n`)
  }
  return formatTable(rows)
}
