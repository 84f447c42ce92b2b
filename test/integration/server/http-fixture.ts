/** Requests to the HTTP front of a server, with each part of the answer to look at. */
import { once } from 'node:events'
import {
  Agent,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
} from 'node:http'
import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { GearmanServer, type ServerOptions } from '../../../src/server/index.ts'
import { RawPeer } from '../../helpers/raw-peer.ts'
import { type TestTask, TestWorker } from '../../helpers/test-worker.ts'

export interface HttpReply {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly trailers: NodeJS.Dict<string>
  /** The answer did not break off. */
  readonly isWhole: boolean
}

export interface HttpQuestion {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** Several pieces leave in chunks. */
  readonly body?: string | readonly string[]
  readonly agent?: Agent
}

/** Begins a request; its body is sent. */
export function open(port: number, question: HttpQuestion): ClientRequest {
  const { method = 'POST', path, headers = {}, body = '', agent } = question
  const asked = request({ host: '127.0.0.1', port, method, path, headers, agent: agent ?? false })
  if (typeof body === 'string') asked.end(body)
  else {
    for (const piece of body) asked.write(piece)
    asked.end()
  }
  return asked
}

/** Reads the answer to a request that was begun. */
export async function read(asked: ClientRequest): Promise<HttpReply> {
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  let body = ''
  let isWhole = true
  try {
    for await (const chunk of response.setEncoding('latin1')) body += String(chunk)
  } catch {
    isWhole = false // the connection was closed in the middle of it
  }
  const { statusCode: status, headers, trailers } = response
  return { status, headers, body, trailers, isWhole }
}

/** A request and its answer. */
export function ask(port: number, question: HttpQuestion): Promise<HttpReply> {
  return read(open(port, question))
}

/** What gearmand's clients look at: `status command handle body`. */
export function summary({ status, headers, body }: HttpReply): string {
  const { 'x-gearman-command': command = '-', 'x-gearman-job-handle': handle = '-' } = headers
  return [status, command, handle, JSON.stringify(body)].join(' ')
}

/** Connections that are kept, closed with the test. */
export function useAgent(maxSockets: number): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets })
  onTestFinished(() => agent.destroy())
  return agent
}

/** A bare socket. */
export async function useSocket(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  socket.on('error', () => undefined) // a reset is a close to these tests
  await once(socket, 'connect')
  onTestFinished(() => void socket.destroy())
  return socket
}

/** All that comes until the server closes. */
export async function readToEnd(socket: Socket): Promise<string> {
  let text = ''
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    text += chunk
  })
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve))
  return text
}

export interface HttpSetup {
  readonly server: GearmanServer
  /** The Gearman port. */
  readonly port: number
  readonly httpPort: number
  readonly ask: (question: HttpQuestion) => Promise<HttpReply>
  readonly worker: (tasks: Readonly<Record<string, TestTask>>) => Promise<TestWorker>
  /** The answer to a text command. */
  readonly say: (command: string) => Promise<string[]>
}

/** A server that speaks HTTP, closed with the test. */
export async function useHttpServer(options: ServerOptions = {}): Promise<HttpSetup> {
  const server = new GearmanServer({
    jobHandlePrefix: 'H:t',
    ...options,
    port: 0,
    http: { port: 0, ...options.http },
  })
  const { port } = await server.listen()
  onTestFinished(() => server.close())
  const httpPort = server.httpAddress?.port ?? 0
  return {
    server,
    port,
    httpPort,
    ask: (question) => ask(httpPort, question),
    worker: async (tasks) => {
      const worker = await TestWorker.connect(port, tasks)
      onTestFinished(() => worker.close())
      return worker
    },
    say: async (command) => {
      const peer = await RawPeer.connect(port)
      const reply = await peer.command(command)
      await peer.close()
      return reply
    },
  }
}
