/** Whoever started the server and waits to hear whether it runs. Exactly one of the two is called. */
export interface Launch {
  /** The server runs. Rejects when nobody is left to hear it. */
  ready(line: string): Promise<void>
  /** It does not, and nothing of it is left. */
  failed(line: string): Promise<void>
}

/** Where the command says what must be seen. */
export interface ServerIo {
  /** Writes to standard error. */
  writeError(text: string): void
}

/** Standard error of this process. */
export const standardIo: ServerIo = {
  writeError: (text) => {
    process.stderr.write(text)
  },
}

/** The name in front of what the command says. */
export const COMMAND_NAME = 'gearman-sdk server'

/** A person or a service manager that reads standard error. */
export class TerminalLaunch implements Launch {
  readonly #io: ServerIo

  constructor(io: ServerIo) {
    this.#io = io
  }

  async ready(line: string): Promise<void> {
    this.#io.writeError(`${COMMAND_NAME}: ${line}\n`)
  }

  async failed(line: string): Promise<void> {
    this.#io.writeError(`${COMMAND_NAME}: ${line}\n`)
  }
}
