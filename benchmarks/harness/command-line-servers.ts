import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { findFreePort, findGearmand, startGearmand } from '../../test/helpers/gearmand.ts'
import { ReportingProgram } from './reporting-program.ts'
import type { RunningServer } from './servers.ts'

const COMMAND = fileURLToPath(new URL('../../dist/cli.mjs', import.meta.url))

/** A kind of server, started by its command line. */
export interface CommandLineServer {
  readonly name: string
  /** Resolves when it listens. */
  start(args: readonly string[]): Promise<StoppableServer>
}

/** One that can also be stopped as an operator does it. */
export interface StoppableServer extends RunningServer {
  /** Resolves when it has ended well. */
  end(): Promise<void>
}

/** gearmand, when it is installed, and the command of this package. */
export function commandLineServers(): CommandLineServer[] {
  const command = { name: 'bundled server', start: startCommand }
  return findGearmand() === undefined
    ? [command]
    : [{ name: 'gearmand', start: startInstalled }, command]
}

/** gearmand as Debian has it: four threads for connections unless `args` say otherwise. */
export async function startInstalled(args: readonly string[] = []): Promise<StoppableServer> {
  // On a port of its own it is given time for its replay.
  const server = await startGearmand({ args, port: await findFreePort() })
  const { host, port, pid = 0 } = server
  return {
    address: `${host}:${port}`,
    pid,
    stop: () => server.stop('SIGKILL'),
    end: () => server.stop('SIGTERM'),
  }
}

/** The command of this package. */
export async function startCommand(args: readonly string[] = []): Promise<StoppableServer> {
  const child = spawn(process.execPath, [COMMAND, 'server', '--port=0', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const killAtExit = (): void => void child.kill('SIGKILL')
  process.once('exit', killAtExit)
  child.once('close', () => process.off('exit', killAtExit))
  const address = await addressOf(child)
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const closed = once(child, 'close')
    child.kill(signal)
    await closed
  }
  return {
    address,
    pid: child.pid ?? 0,
    stop: () => end('SIGKILL'),
    end: () => end('SIGTERM'),
  }
}

/** Gearman::Server of Perl. */
export async function startPerlServer(): Promise<RunningServer> {
  const program = fileURLToPath(new URL('../peers/perl/server.pl', import.meta.url))
  const port = await findFreePort()
  const args = [program, '127.0.0.1', String(port)]
  const server = await ReportingProgram.start('Gearman::Server', { file: 'perl', args })
  return { address: `127.0.0.1:${port}`, pid: server.pid, stop: () => server.stop() }
}

/** Moves a queue of ours to where gearmand reads it. */
export async function exportQueue(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [COMMAND, 'server', ...args, '--export-queue'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  await once(child, 'close')
  if (child.exitCode !== 0) throw new Error('the queue cannot be exported')
}

async function addressOf(child: ChildProcess): Promise<string> {
  let stderr = ''
  return await new Promise((resolve, reject) => {
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
      const address = /listening on (\S+:\d+)/.exec(stderr)?.[1]
      if (address !== undefined) resolve(address)
    })
    child.once('close', () => reject(new Error(`the server did not start: ${stderr}`)))
  })
}
