import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { askServer } from '../helpers/backends.ts'
import {
  askText,
  describeWithGearmand,
  findFreePort,
  type Gearmand,
  startGearmand,
} from '../helpers/gearmand.ts'

describeWithGearmand('the gearmand helper', () => {
  const running: Gearmand[] = []

  async function start(...args: Parameters<typeof startGearmand>): Promise<Gearmand> {
    const gearmand = await startGearmand(...args)
    running.push(gearmand)
    return gearmand
  }

  afterEach(async () => {
    await Promise.all(running.splice(0).map((gearmand) => gearmand.stop('SIGKILL')))
  })

  test('starts a server that answers, on a port that is not the default one', async () => {
    const gearmand = await start()
    expect(await askServer(gearmand, 'version')).toEqual([expect.stringMatching(/^OK \d+\.\d+/)])
    expect(gearmand.port).not.toBe(4730)
    expect(await askServer(gearmand, 'getpid')).toEqual([`OK ${gearmand.pid}\n`])
  })

  test('frees the port when it stops, and may be stopped twice', async () => {
    const gearmand = await start()
    await gearmand.stop()
    await gearmand.stop()
    expect(gearmand.pid).toBeUndefined()
    expect(await askText(gearmand.port, 'version')).toBeUndefined()
    const server = createServer().listen({ host: gearmand.host, port: gearmand.port })
    await once(server, 'listening')
    server.close()
  })

  test('restarts on the same port with the same arguments, in a new process', async () => {
    const gearmand = await start({ args: ['--verbose=INFO'] })
    const { pid, port } = gearmand
    await askServer(gearmand, 'create function left-behind')
    await gearmand.restart()
    expect(gearmand.port).toBe(port)
    expect(gearmand.pid).not.toBe(pid)
    expect(await askServer(gearmand, 'verbose')).toEqual(['OK INFO\n'])
    expect(await askServer(gearmand, 'status')).toEqual([])
  })

  test('ends a halted process too', async () => {
    const gearmand = await start()
    gearmand.signal('SIGSTOP')
    await gearmand.stop()
    expect(gearmand.pid).toBeUndefined()
  })

  test('runs several servers side by side', async () => {
    const all = await Promise.all([start(), start(), start()])
    expect(new Set(all.map((gearmand) => gearmand.port)).size).toBe(3)
  })

  test('waits for a fixed port until it is free', async () => {
    const port = await findFreePort()
    const holder = createServer().listen({ host: '127.0.0.1', port })
    await once(holder, 'listening')
    setTimeout(() => holder.close(), 500)
    const gearmand = await start({ port })
    expect(gearmand.port).toBe(port)
    expect(await askServer(gearmand, 'version')).toEqual([expect.stringMatching(/^OK /)])
  })

  test('says what gearmand wrote when it refuses to start', async () => {
    await expect(start({ args: ['--no-such-option'] })).rejects.toThrow(/no-such-option/)
  })
})
