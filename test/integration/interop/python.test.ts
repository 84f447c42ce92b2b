import { JSONDataEncoder, PickleDataEncoder } from 'gearman-sdk'
import { expect, test } from 'vitest'
import { describeBackends } from '../../helpers/backends.ts'
import { rejectionOf, useClient } from '../../helpers/fixtures.ts'
import { describeWithProgram, PYTHON } from '../../helpers/run-program.ts'
import { runClient, toldOfAll, useForeignWorker, useTasks } from './partners.ts'

const VALUE = { name: 'Grüße', list: [1, 2.5, true, null], nested: { seven: '7' }, empty: [] }
const FORMATS = [
  ['json', new JSONDataEncoder()],
  ['pickle', new PickleDataEncoder()],
] as const

describeWithProgram(PYTHON, 'Python over a bare socket', () => {
  describeBackends('a client in Python and our worker', (backend) => {
    test.each(FORMATS)(
      'speak %s: results, updates, status, exceptions',
      async (format, encoder) => {
        useTasks(backend, { [format]: encoder })
        const told = await runClient(backend, PYTHON, ['client.py', format])
        const exceptions = {
          json: { name: 'RangeError', message: 'cannot be done' },
          pickle: 'ValueError: cannot be done', // what Python has for it
        }
        expect(told).toEqual(toldOfAll(exceptions[format], VALUE))
      },
    )
  })

  describeBackends('our client and a worker in Python', (backend) => {
    test.each(FORMATS)(
      'speak %s: results, updates, status, exceptions',
      async (format, encoder) => {
        await useForeignWorker(backend, PYTHON, ['worker.py', format], 'py-echo')
        const client = useClient(backend, { dataEncoder: encoder })
        expect(await client.do('py-echo', VALUE)).toEqual(VALUE)
        const request = await client.submitJob('py-steps', 2)
        expect(request.dataUpdates).toEqual([{ step: 1 }, { step: 2 }])
        expect(request.warningUpdates).toEqual(['nearly done'])
        expect(request.status).toMatchObject({ numerator: 2, denominator: 2 })
        expect(request.result).toBe('done')
        const error = await rejectionOf(client.do('py-throws', 'out of range'))
        expect(error).toMatchObject({ cause: { name: 'ValueError', message: 'out of range' } })
      },
    )

    test('pass exceptions on as text', async () => {
      await useForeignWorker(backend, PYTHON, ['worker.py', 'text'], 'py-throws')
      const client = useClient(backend)
      const error = await rejectionOf(client.do('py-throws', '"out of range"'))
      expect(error).toMatchObject({
        exception: 'ValueError: out of range',
        cause: { name: 'ValueError', message: 'out of range' },
      })
    })
  })
})
