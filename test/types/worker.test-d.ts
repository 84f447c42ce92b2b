import {
  type GearmanConnectionManager,
  GearmanWorker,
  GearmanWorkerJob,
  type JobAssignment,
  JSONDataEncoder,
  StringDataEncoder,
  type WorkerEvents,
} from 'gearman-sdk'
import { describe, expectTypeOf, test } from 'vitest'

interface Tasks {
  readonly add: {
    readonly data: { readonly a: number; readonly b: number }
    readonly result: number
  }
  readonly render: {
    readonly data: string
    readonly result: Uint8Array
    readonly update: { readonly percent: number }
  }
  readonly notify: { readonly data: string; readonly result: undefined }
}

describe('a worker without a map', () => {
  const worker = new GearmanWorker('localhost')

  test('gets buffers and sends bytes, text or nothing', () => {
    worker.registerTask('any', (self, job) => {
      expectTypeOf(self).toEqualTypeOf(worker)
      expectTypeOf(job).toExtend<GearmanWorkerJob<Buffer>>()
      expectTypeOf(job.data).toEqualTypeOf<Buffer>()
      expectTypeOf(job.handle).toEqualTypeOf<string>()
      expectTypeOf(job.signal).toEqualTypeOf<AbortSignal>()
      expectTypeOf(job.reducer).toEqualTypeOf<string | undefined>()
      expectTypeOf(job.sendData('x')).toEqualTypeOf<Promise<void>>()
      return 'text'
    })
    worker.registerTask('bytes', async () => new Uint8Array(2))
    worker.registerTask('nothing', () => {})
    worker.registerTask('later', async () => {})
    // @ts-expect-error a number cannot be sent by the raw encoder
    worker.registerTask('number', () => 5)
    // @ts-expect-error neither can a promise of one
    worker.registerTask('number', async () => 5)
  })

  test('has the options of a task', () => {
    const options = { timeout: 1, serverTimeout: 2, concurrency: 3, dataEncoder: JSONDataEncoder }
    expectTypeOf(worker.registerTask('x', () => 'x', options)).toEqualTypeOf<'x'>()
    // @ts-expect-error there is no such option
    worker.registerTask('x', () => 'x', { retries: 5 })
  })
})

describe('the types of an encoder', () => {
  test('come from an instance or a class', () => {
    for (const worker of [
      new GearmanWorker('localhost', { dataEncoder: StringDataEncoder }),
      new GearmanWorker('localhost', { dataEncoder: new StringDataEncoder(), concurrency: 4 }),
    ]) {
      worker.registerTask('text', (_worker, job) => {
        expectTypeOf(job.data).toEqualTypeOf<string>()
        return job.data
      })
      // @ts-expect-error not text
      worker.registerTask('text', () => 5)
    }
    for (const worker of [
      new GearmanWorker('localhost', { dataEncoder: JSONDataEncoder }),
      new GearmanWorker('localhost', { dataEncoder: new JSONDataEncoder() }),
    ]) {
      worker.registerTask('json', (_worker, job) => {
        expectTypeOf(job.data).toEqualTypeOf<unknown>()
        return { got: job.data }
      })
      worker.registerTask('json', async () => [1, null])
    }
  })
})

describe('the encoder of one task', () => {
  test('says what type its data and its result are of, whatever the encoder of the worker', () => {
    const worker = new GearmanWorker('localhost')
    worker.registerTask(
      'json',
      (self, job) => {
        expectTypeOf(self).toEqualTypeOf(worker)
        expectTypeOf(job.data).toEqualTypeOf<unknown>()
        void job.sendData({ percent: 5 })
        return { count: 5 }
      },
      { dataEncoder: JSONDataEncoder },
    )
    const options = { dataEncoder: new StringDataEncoder(), timeout: 5 }
    worker.registerTask('text', async (_worker, job) => job.data.toUpperCase(), options)
    // @ts-expect-error a number is not text
    worker.registerTask('text', () => 5, options)
  })

  test('leaves what a map says as it is', () => {
    const worker = new GearmanWorker<Tasks>('localhost')
    const options = { dataEncoder: JSONDataEncoder }
    worker.registerTask('add', (_worker, job) => job.data.a + job.data.b, options)
    // @ts-expect-error not the result
    worker.registerTask('add', () => 'x', options)
    // @ts-expect-error not a task
    worker.registerTask('subtract', () => 1, options)
  })
})

describe('a worker with a map', () => {
  const worker = new GearmanWorker<Tasks>('localhost', { dataEncoder: new JSONDataEncoder() })

  test('knows the data, the result and the updates of each task', () => {
    worker.registerTask('add', (_worker, job) => job.data.a + job.data.b)
    worker.registerTask('notify', async () => {})
    worker.registerTask('render', async (self, job) => {
      await job.sendData({ percent: 5 })
      await self.sendJobData(job, { percent: 5 })
      // @ts-expect-error not an update
      await job.sendData(5)
      return new Uint8Array(1)
    })
    // @ts-expect-error not the result
    worker.registerTask('add', () => 'x')
    // @ts-expect-error not the result
    worker.registerTask('add', () => {})
    // @ts-expect-error not a task
    worker.registerTask('subtract', () => 1)
    // @ts-expect-error not a task
    worker.unregisterTask('subtract')
  })

  test('may be an interface or a type, and shares a manager', () => {
    type Map = { echo: { data: string; result: string } }
    const manager = {} as GearmanConnectionManager
    const typed = new GearmanWorker<Map>(manager)
    typed.registerTask('echo', (_worker, job) => job.data)
  })
})

describe('a subclass', () => {
  test('replaces the hooks, with the words of the Python manual', () => {
    class CustomWorker extends GearmanWorker {
      override dataEncoder = JSONDataEncoder
      override createJob(assignment: JobAssignment): GearmanWorkerJob {
        return new GearmanWorkerJob(assignment)
      }
      override onJobExecute(job: GearmanWorkerJob): unknown {
        return super.onJobExecute(job)
      }
      override onJobException(job: GearmanWorkerJob, error: Error): unknown {
        return super.onJobException(job, error)
      }
      override onJobComplete(job: GearmanWorkerJob, result: string): Promise<void> {
        return super.sendJobComplete(job, result)
      }
      override afterPoll(anyActivity: boolean): boolean {
        return anyActivity
      }
      override async afterJob(): Promise<boolean> {
        return true
      }
    }
    expectTypeOf(new CustomWorker('localhost')).toExtend<GearmanWorker>()
  })
})

test('events are typed by their names', () => {
  const worker = new GearmanWorker('localhost')
  worker.on('jobFailed', ({ job, error }) => {
    expectTypeOf(job).toEqualTypeOf<GearmanWorkerJob>()
    expectTypeOf(error).toEqualTypeOf<unknown>()
  })
  worker.on('state', ({ to }) => expectTypeOf(to).toExtend<string>())
  // @ts-expect-error there is no such event
  worker.on('jobSucceeded', () => {})
  expectTypeOf<keyof WorkerEvents>().toExtend<string>()
})

test('work and stop take options in milliseconds', () => {
  const worker = new GearmanWorker('localhost')
  expectTypeOf(worker.work({ pollTimeout: 5 })).toEqualTypeOf<Promise<void>>()
  expectTypeOf(worker.stop({ timeout: 5 })).toEqualTypeOf<Promise<void>>()
  // @ts-expect-error not a number
  void worker.stop({ timeout: '5s' })
})
