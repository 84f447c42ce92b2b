const FNV_OFFSET = 0x811c_9dc5
const FNV_PRIME = 0x0100_0193
const SEPARATOR = 0x1_0000

/**
 * The score of one server for one key: the server with the largest score gets the job. When a server
 * goes, only the jobs that it had move (highest random weight hashing; Thaler and Ravishankar 1998). A server of
 * twice the weight gets twice the keys (the logarithmic method; Schindelhauer and Schomaker 2005).
 */
export function rendezvousScore(
  server: string,
  weight: number,
  task: string,
  key: string | Uint8Array,
): number {
  const part = (hashOf(server, task, key) + 0.5) / 2 ** 32
  return -weight / Math.log(part)
}

function hashOf(server: string, task: string, key: string | Uint8Array): number {
  let hash = mixText(FNV_OFFSET, server)
  hash = mixText(mix(hash, SEPARATOR), task)
  hash = mix(hash, SEPARATOR)
  hash = typeof key === 'string' ? mixText(hash, key) : mixBytes(hash, key)
  return finish(hash)
}

function mix(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, FNV_PRIME)
}

function mixText(start: number, text: string): number {
  let hash = start
  for (let index = 0; index < text.length; index += 1) hash = mix(hash, text.charCodeAt(index))
  return hash
}

function mixBytes(start: number, bytes: Uint8Array): number {
  let hash = start
  for (const byte of bytes) hash = mix(hash, byte)
  return hash
}

/** FNV-1a alone leaves similar server names with similar hashes: the finaliser of MurmurHash3 parts them. */
function finish(start: number): number {
  let hash = start
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
