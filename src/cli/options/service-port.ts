import { readFileSync } from 'node:fs'

const SERVICES_FILE = '/etc/services'

/**
 * The TCP port of a service, by name or alias.
 *
 * @param list - the text of `/etc/services`; left out: the system's
 * @returns `undefined` for an unknown service, also on a system without such a list
 */
export function findServicePort(name: string, list: string = readServices()): number | undefined {
  for (const line of list.split('\n')) {
    const [service, port, ...aliases] = line.replace(/#.*/, '').trim().split(/\s+/)
    if (service !== name && !aliases.includes(name)) continue
    const tcpPort = port?.match(/^([0-9]+)\/tcp$/)?.[1]
    if (tcpPort !== undefined) return Number(tcpPort)
  }
  return undefined
}

function readServices(): string {
  try {
    return readFileSync(SERVICES_FILE, 'utf8')
  } catch {
    return '' // The list is a convenience: a system without it knows no service by name.
  }
}
