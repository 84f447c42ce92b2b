import { RawDataEncoder } from 'gearman-sdk'
import { expect, test } from 'vitest'
import { type Backend, describeBackends } from '../../helpers/backends.ts'
import { useClient } from '../../helpers/fixtures.ts'
import {
  describeWithProgram,
  type ProgramResult,
  runProgram,
  TOOLS,
  useProgram,
} from '../../helpers/run-program.ts'
import { untilThereAreWorkers, useTasks } from './partners.ts'

const gearman = (backend: Backend, ...args: readonly string[]): Promise<ProgramResult> =>
  runProgram(TOOLS, ['-h', '127.0.0.1', '-p', String(backend.port), ...args])

describeWithProgram(TOOLS, "libgearman's command line tool", () => {
  describeBackends('gearman as client, and our worker', (backend) => {
    test('speak bytes: results, updates, status and warnings', async () => {
      useTasks(backend, { text: RawDataEncoder })
      const echo = await gearman(backend, '-f', 'echo-text', 'Grüße')
      expect(echo).toEqual({ code: 0, stdout: 'Grüße', stderr: '' })
      const steps = await gearman(backend, '-f', 'steps-text', '2')
      expect(steps).toEqual({
        code: 0,
        stdout: 'step 1step 2done50% Complete\n100% Complete\n',
        stderr: 'nearly done',
      })
    })

    test('end a failed job with an exit code, when the worker sends no exceptions', async () => {
      useTasks(backend, { text: RawDataEncoder }, { exceptions: false })
      const result = await gearman(backend, '-f', 'throw-text', 'no')
      expect(result).toEqual({ code: 1, stdout: '', stderr: 'Job failed\n' })
    })
  })

  describeBackends('our client, and gearman as worker', (backend) => {
    const start = async (task: string, ...command: readonly string[]): Promise<void> => {
      const server = ['-h', '127.0.0.1', '-p', String(backend.port)]
      useProgram(TOOLS, [...server, '-w', '-f', task, ...command])
      await untilThereAreWorkers(backend, task, true)
    }

    test('speak bytes', async () => {
      await start('shout', '--', 'tr', 'a-z', 'A-Z')
      const client = useClient(backend)
      const bytes = Buffer.from([0, 97, 10, 255])
      expect(await client.do('shout', bytes)).toEqual(Buffer.from([0, 65, 10, 255]))
    })

    test('pass the lines of a command on as updates, each with those before it', async () => {
      await start('lines', '-n', '--', 'cat')
      const request = await useClient(backend).submitJob('lines', 'one\ntwo\n')
      expect(request.dataUpdates.map(String)).toEqual(['one\n', 'one\ntwo\n'])
      expect(request.state).toBe('COMPLETE')
    })

    test('fail with the command', async () => {
      await start('fail', '--', 'false')
      const request = await useClient(backend).submitJob('fail', 'x')
      expect([request.state, request.exception]).toEqual(['FAILED', undefined])
    })
  })
})
