import { JobExceptionError, JSONDataEncoder, PhpDataEncoder, PhpObject } from 'gearman-sdk'
import { expect, test } from 'vitest'
import { describeBackends } from '../../helpers/backends.ts'
import { rejectionOf, useClient } from '../../helpers/fixtures.ts'
import { describeWithProgram, PHP } from '../../helpers/run-program.ts'
import {
  runClient,
  toldOfAll,
  untilThereAreWorkers,
  useForeignWorker,
  useTasks,
  VALUE,
} from './partners.ts'

const php = new PhpDataEncoder()

describeWithProgram(PHP, 'php-gearman', () => {
  describeBackends('a client in PHP and our worker', (backend) => {
    test('speak PHP data: results, updates, status and exceptions', async () => {
      useTasks(backend, { php })
      const told = await runClient(backend, PHP, ['client.php', 'php'])
      expect(told).toEqual(toldOfAll('RangeError: cannot be done'))
    })

    test('speak JSON: results, updates, status and exceptions', async () => {
      useTasks(backend, { json: new JSONDataEncoder() })
      const told = await runClient(backend, PHP, ['client.php', 'json'])
      expect(told).toEqual(toldOfAll('{"name":"RangeError","message":"cannot be done"}'))
    })
  })

  describeBackends('our client and a worker in PHP', (backend) => {
    const start = (): Promise<void> => useForeignWorker(backend, PHP, ['worker.php'], 'php-echo')

    test('speak PHP data and JSON', async () => {
      await start()
      const client = useClient(backend, {
        dataEncoder: php,
        taskEncoders: { 'php-json': JSONDataEncoder },
      })
      expect(await client.do('php-echo', VALUE)).toEqual(VALUE)
      expect(await client.do('php-json', VALUE)).toEqual(VALUE)
      const point = (await client.do('php-object', null)) as PhpObject
      expect(point).toBeInstanceOf(PhpObject)
      expect(point.className).toBe('Point')
      expect(point.toObject()).toEqual({ x: 1, y: 2, label: 'origin' })
    })

    test('pass updates, warnings and status on', async () => {
      await start()
      const client = useClient(backend, { dataEncoder: php })
      const request = await client.submitJob('php-steps', 3)
      expect(request.dataUpdates).toEqual([{ step: 1 }, { step: 2 }, { step: 3 }])
      expect(request.warningUpdates).toEqual(['nearly done'])
      expect(request.status).toMatchObject({ numerator: 3, denominator: 3 })
      expect(request.result).toBe('done')
    })

    test('pass exceptions and failures on', async () => {
      await start()
      const client = useClient(backend, {
        dataEncoder: php,
        taskEncoders: { 'php-throws-json': JSONDataEncoder },
      })
      const structure = { name: 'DomainException', message: 'out of range', code: 7 }
      for (const [task, exception] of [
        ['php-throws', 'DomainException: out of range'],
        ['php-throws-data', structure],
        ['php-throws-json', structure],
        ['php-throws-object', structure],
      ] as const) {
        const error = await rejectionOf(client.do(task, null))
        expect(error).toBeInstanceOf(JobExceptionError)
        expect(error).toMatchObject({
          exception,
          cause: { name: 'DomainException', message: 'out of range' },
        })
      }
      const failed = await client.submitJob('php-fails', null)
      expect([failed.state, failed.exception]).toEqual(['FAILED', undefined])
    })

    test('both know it when an exception was not caught: the extension ends its process', async () => {
      await start()
      const client = useClient(backend)
      const request = await client.submitJob('php-dies', '')
      expect([request.state, request.exception]).toEqual([
        'FAILED',
        'Unable to add worker function',
      ])
      await untilThereAreWorkers(backend, 'php-echo', false)
    })
  })
})
