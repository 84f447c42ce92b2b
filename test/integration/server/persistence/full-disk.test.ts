import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startCommand } from '../../../helpers/cli-command.ts'
import { useClient } from '../../../helpers/fixtures.ts'
import { findBinary } from '../../../helpers/gearmand.ts'
import { RawPeer } from '../../../helpers/raw-peer.ts'
import { useFolder } from '../../../helpers/temporary-folder.ts'
import { describeWhen } from '../../../helpers/test-when.ts'
import { TestWorker } from '../../../helpers/test-worker.ts'

const KIB = 1024
const DATA = 'x'.repeat(32 * KIB)

/** How large a file of a process may be: for it the disk is full behind that. */
function limitFiles(pid: number, bytes: number | 'unlimited'): void {
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`])
}

/** Submits until a job is refused, and gives back how many were accepted. */
async function submitUntilFull(peer: RawPeer): Promise<number> {
  for (let accepted = 0; ; accepted += 1) {
    peer.send('SUBMIT_JOB_BG', 'task', '', DATA)
    const reply = await peer.next()
    if (reply.kind !== 'packet') throw new Error('a line of text')
    if (reply.name === 'JOB_CREATED') continue
    expect(reply).toMatchObject({ name: 'ERROR', args: ['QUEUE_ERROR', expect.anything()] })
    return accepted
  }
}

const PRLIMIT = findBinary('prlimit', ['/usr/bin'])

describeWhen(PRLIMIT !== undefined, 'prlimit (util-linux) is not there', 'a full disk', () => {
  test('refuses background jobs while all others go on, and is forgotten when there is room', async () => {
    const args = ['server', '-p', '0', '--data-dir', join(useFolder(), 'data')]
    const server = await startCommand({ args })
    const peer = await RawPeer.connect(server.port)
    const worker = await TestWorker.connect(server.port, {
      run: () => undefined,
      echo: ({ data }) => data,
    })
    peer.send('SUBMIT_JOB_BG', 'run', '', 'running')
    await peer.expect('JOB_CREATED')
    const running = await worker.nextJob()

    limitFiles(server.pid, 512 * KIB)
    let accepted = await submitUntilFull(peer)
    expect(accepted).toBeGreaterThan(0)

    // What runs goes on and ends, though its end cannot be written yet.
    const client = useClient([['127.0.0.1', server.port]])
    expect(String(await client.do('echo', 'foreground'))).toBe('foreground')
    running.send('WORK_COMPLETE', 'done')
    await worker.sync()
    expect(await peer.command('status')).toContain('run\t0\t0\t1\n')

    limitFiles(server.pid, 'unlimited')
    await untilAccepted(peer)
    accepted += 1
    await worker.close()
    peer.destroy()
    server.signal('SIGKILL')
    await server.exited

    const next = await startCommand({ args })
    const look = await RawPeer.connect(next.port)
    expect(await look.command('status')).toEqual([`task\t${accepted}\t0\t0\n`])
    look.destroy()
    next.signal('SIGTERM')
    expect(await next.exited).toBe(0)
    expect(server.stderr()).toMatch(/ERROR .* does not take changes/)
  })
})

/** Submits until a job is accepted. */
async function untilAccepted(peer: RawPeer): Promise<void> {
  for (;;) {
    peer.send('SUBMIT_JOB_BG', 'task', '', DATA)
    const reply = await peer.next()
    if (reply.kind === 'packet' && reply.name === 'JOB_CREATED') return
  }
}
