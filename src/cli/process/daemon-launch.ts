import { DAEMON_VARIABLE, type DaemonMessage } from './daemon-message.ts'
import type { Launch } from './launch.ts'
import { StartFailure } from './start-failure.ts'

/** The process that a server with `--daemon` comes from: it waits, tells, and exits. */
export class DaemonLaunch implements Launch {
  /** The starting process; `undefined` when this is not the server that was sent into the background. */
  static find(): DaemonLaunch | undefined {
    const isDaemon = process.env[DAEMON_VARIABLE] !== undefined
    delete process.env[DAEMON_VARIABLE]
    return isDaemon && process.send !== undefined ? new DaemonLaunch() : undefined
  }

  async ready(line: string): Promise<void> {
    await send({ isReady: true, line })
    process.disconnect()
  }

  async failed(line: string): Promise<void> {
    // Nobody is left to tell: the exit code says the rest.
    await send({ isReady: false, line }).catch(() => undefined)
    if (process.connected) process.disconnect()
  }
}

/** Resolves when the message is on its way. */
function send(message: DaemonMessage): Promise<void> {
  return new Promise((resolve, reject) => {
    if (process.send === undefined || !process.connected) {
      reject(new StartFailure('the process that started the server is gone'))
      return
    }
    process.send(message, undefined, undefined, (error) => {
      if (error === null) resolve()
      else reject(error)
    })
  })
}
