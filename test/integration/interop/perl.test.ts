import { JSONDataEncoder } from 'gearman-sdk'
import { expect, test } from 'vitest'
import { describeBackends } from '../../helpers/backends.ts'
import { rejectionOf, useClient } from '../../helpers/fixtures.ts'
import { describeWithProgram, PERL } from '../../helpers/run-program.ts'
import {
  runClient,
  toldOfAll,
  untilThereAreWorkers,
  useForeignWorker,
  useTasks,
  VALUE,
} from './partners.ts'

const json = new JSONDataEncoder()

describeWithProgram(PERL, "Perl's Gearman", () => {
  describeBackends('a Gearman::Client and our worker', (backend) => {
    test('speak JSON: results, updates, status and exceptions', async () => {
      useTasks(backend, { '': json })
      const told = await runClient(backend, PERL, ['client.pl'])
      const value = { name: 'Grüße', list: [1, 2.5] }
      const exception = '{"name":"RangeError","message":"cannot be done"}'
      expect(told).toEqual(toldOfAll(exception, value))
    })
  })

  describeBackends('our client and a Gearman::Worker', (backend) => {
    const start = (): Promise<void> => useForeignWorker(backend, PERL, ['worker.pl'], 'perl-echo')

    test('speak JSON, and pass updates, warnings and status on', async () => {
      await start()
      const client = useClient(backend, { dataEncoder: json })
      expect(await client.do('perl-echo', VALUE)).toEqual(VALUE)
      const request = await client.submitJob('perl-steps', 2)
      expect(request.dataUpdates).toEqual([{ step: 1 }, { step: 2 }])
      expect(request.warningUpdates).toEqual(['nearly done'])
      expect(request.status).toMatchObject({ numerator: 2, denominator: 2 })
      expect(request.result).toBe('done')
    })

    test('pass exceptions and failures on', async () => {
      await start()
      const client = useClient(backend, { dataEncoder: json })
      const error = await rejectionOf(client.do('perl-throws', null))
      const cause = { name: 'Error', message: 'out of range' }
      expect(error).toMatchObject({ exception: 'out of range', cause })
      const failed = await client.submitJob('perl-fails', null)
      expect([failed.state, failed.exception]).toEqual(['FAILED', undefined])
    })

    test('both know it when a callback dies: the message is thawed, and the worker ends', async () => {
      await start()
      const client = useClient(backend)
      const request = await client.submitJob('perl-dies', '')
      expect([request.state, request.exception]).toEqual(['FAILED', 'not caught\n'])
      await untilThereAreWorkers(backend, 'perl-echo', false)
    })
  })
})
