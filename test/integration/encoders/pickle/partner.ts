import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { buffer, text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const SCRIPT = fileURLToPath(new URL('partner.py', import.meta.url))

/** Whether there is a python3 that the tests can use. */
export const hasPython: boolean = spawnSync('python3', ['-c', 'import zoneinfo']).status === 0

/** A pickle and what it holds: see partner.py. */
export interface PickleRecord {
  readonly protocol: number
  readonly body: Uint8Array
  readonly description: string
}

/** Random values that Python pickled, some for each protocol. */
export async function writtenByPython(seed: string, count: number): Promise<PickleRecord[]> {
  const bytes = await runPartner(['write', seed, String(count)], undefined, buffer)
  const records: PickleRecord[] = []
  for (let at = 0; at < bytes.length; ) {
    const protocol = bytes.readUInt8(at)
    const bodyEnd = at + 5 + bytes.readUInt32BE(at + 1)
    const end = bodyEnd + 4 + bytes.readUInt32BE(bodyEnd)
    const body = bytes.subarray(at + 5, bodyEnd)
    records.push({ protocol, body, description: bytes.toString('latin1', bodyEnd + 4, end) })
    at = end
  }
  return records
}

/** What Python reads in some pickles: a description for each, or its error. */
export async function readByPython(
  bodies: readonly (readonly [protocol: number, body: Uint8Array])[],
): Promise<string[]> {
  const parts = bodies.flatMap(([protocol, body]) => {
    const head = Buffer.alloc(5)
    head.writeUInt8(protocol)
    head.writeUInt32BE(body.length, 1)
    return [head, body]
  })
  const lines = await runPartner(['read'], Buffer.concat(parts), text)
  return lines.split('\n').slice(0, -1)
}

async function runPartner<T>(
  args: readonly string[],
  input: Uint8Array | undefined,
  collect: (stream: NodeJS.ReadableStream) => Promise<T>,
): Promise<T> {
  const child = spawn('python3', [SCRIPT, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  const [output, errors, code] = await Promise.all([
    collect(child.stdout),
    text(child.stderr),
    new Promise((resolve) => child.once('close', resolve)),
    input === undefined ? child.stdin.end() : child.stdin.end(input),
  ])
  if (code !== 0) throw new Error(`partner.py ended with ${code}: ${errors}`)
  return output
}

/** What a Python program prints that is given some bytes. */
export function runPython(program: string, input: Uint8Array = new Uint8Array()): Buffer {
  return execFileSync('python3', ['-c', program], { input })
}
