/** The address of a peer: an IPv4 peer of a socket that serves both families is shown as IPv4. */
export function plainAddress(address: string | undefined): string {
  return (address ?? '-').replace(/^::ffff:(?=\d+\.)/, '')
}
