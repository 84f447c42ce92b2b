import { connect } from 'node:net'

const TIMEOUT_MS = 2_000

/**
 * Sends text commands to a server on loopback and gives back the first lines of its answers, or `undefined` when they
 * do not come within 2 s.
 *
 * @internal
 */
export async function askText(
  port: number,
  command: string,
  lines = 1,
): Promise<string[] | undefined> {
  const socket = connect({ host: '127.0.0.1', port })
  const timer = setTimeout(() => socket.destroy(), TIMEOUT_MS)
  try {
    socket.write(`${command}\n`)
    let text = ''
    for await (const chunk of socket) {
      text += String(chunk)
      const parts = text.split('\n')
      if (parts.length > lines) return parts.slice(0, lines)
    }
    return undefined
  } catch {
    return undefined // refused or reset: nobody is ready there
  } finally {
    clearTimeout(timer)
    socket.destroy()
  }
}
