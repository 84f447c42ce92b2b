import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { type FakeServer, useFakeServer } from '../../helpers/fake-server.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** A program of two lines, and what became of it. Node ends with code 13 when it has nothing left to wait for. */
async function run(
  server: FakeServer,
  call: string,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const program = `
    import { GearmanAdminClient } from './src/admin/gearman-admin-client.ts'
    const admin = new GearmanAdminClient('${server.address}', { pollTimeout: Infinity, connectTimeout: Infinity })
    console.log(await admin.${call})`
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', program],
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  onTestFinished(() => void child.kill())
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk
  })
  const [code] = await once(child, 'close')
  return { code, output }
}

it('an idle admin client lets the process end, without shutdown', async () => {
  const server = await useFakeServer([
    async (peer) => {
      await peer.nextLine()
      peer.sendLine('OK 1.2.3')
      await peer.closed
    },
  ])
  expect(await run(server, 'getVersion()')).toEqual({ code: 0, output: '1.2.3\n' })
})

it('a call that waits keeps the process alive, also while the server is dialled', async () => {
  const server = await useFakeServer(
    [
      async (peer) => {
        const hello = await peer.expect('ECHO_REQ')
        await pause()
        peer.send('ECHO_RES', hello.args)
        await peer.nextLine()
        await pause()
        peer.sendLine('OK 1.2.3')
        await peer.closed
      },
    ],
    { autoAnswer: false },
  )
  expect(await run(server, 'getVersion()')).toEqual({ code: 0, output: '1.2.3\n' })
})

/** Time enough for a process with nothing to wait for to end; one that waits is not hurried by it. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 200))
}
