/** As `server.ts`, in the hands of somebody who is not root. */
if (process.getuid?.() === 0) {
  process.setgid?.(65_534)
  process.setuid?.('nobody')
}
await import('./server.ts')
