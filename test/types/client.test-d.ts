import { describe, expectTypeOf, test } from 'vitest'
import {
  type ClientTasks,
  type ConnectionSnapshot,
  DataEncoder,
  GearmanAdminClient,
  GearmanClient,
  GearmanConnectionManager,
  type GearmanJobRequest,
  JOB_CREATED,
  type JobResult,
  type JobStatus,
  type JobToPlace,
  type JobUpdate,
  JSONDataEncoder,
  PRIORITY_HIGH,
  PRIORITY_NONE,
  type RawInput,
  StringDataEncoder,
  type UntypedTasks,
} from '../../src/index.ts'

interface Tasks {
  resize: { data: { url: string; width: number }; result: { path: string }; update: number }
  count: { data: string; result: number }
}

declare const typed: GearmanClient<Tasks>
declare const plain: GearmanClient

describe('a client with a map of tasks', () => {
  test('takes the data of the task', () => {
    expectTypeOf(typed.submitJob<'resize'>)
      .parameter(1)
      .toEqualTypeOf<Tasks['resize']['data']>()
    void typed.submitJob('resize', { url: 'u', width: 1 }, { priority: PRIORITY_HIGH })
    // @ts-expect-error: the width is missing
    void typed.submitJob('resize', { url: 'u' })
    // @ts-expect-error: that is the data of another task
    void typed.submitJob('count', { url: 'u', width: 1 })
  })

  test('refuses a task that it does not have', () => {
    // @ts-expect-error: no such task
    void typed.submitJob('rename', 'x')
    // @ts-expect-error: no such task
    void typed.do('rename', 'x')
    // @ts-expect-error: no such task
    typed.stream('rename', 'x')
    // @ts-expect-error: no such task
    void typed.submitMultipleJobs([{ task: 'rename', data: 'x' }])
  })

  test('gives the result and the updates of the task', async () => {
    const request = await typed.submitJob('resize', { url: 'u', width: 1 })
    expectTypeOf(request.result).toEqualTypeOf<{ path: string } | undefined>()
    expectTypeOf(request.dataUpdates).toEqualTypeOf<number[]>()
    expectTypeOf(request.job.data).toEqualTypeOf<Tasks['resize']['data']>()
    expectTypeOf(await typed.do('count', 'x')).toEqualTypeOf<number>()
    expectTypeOf(request[Symbol.asyncIterator]().next).returns.resolves.toExtend<
      IteratorResult<JobUpdate<{ path: string }, number>, void>
    >()
  })

  test('gives results as updates where the map says nothing of updates', async () => {
    const request = await typed.submitJob('count', 'x')
    expectTypeOf(request.warningUpdates).toEqualTypeOf<number[]>()
  })

  test('streams updates, and returns the result', async () => {
    const stream = typed.stream('resize', { url: 'u', width: 1 })
    const step = await stream.next()
    if (step.done === true) expectTypeOf(step.value).toEqualTypeOf<{ path: string }>()
    else expectTypeOf(step.value).toEqualTypeOf<JobUpdate<{ path: string }, number>>()
    for await (const update of stream) {
      if (update.type === 'data') expectTypeOf(update.data).toEqualTypeOf<number>()
      if (update.type === 'status') expectTypeOf(update.numerator).toEqualTypeOf<number>()
      if (update.type === 'result') expectTypeOf(update.data).toEqualTypeOf<{ path: string }>()
    }
  })

  test('checks each job of a batch by its own task', () => {
    void typed.submitMultipleJobs([
      { task: 'resize', data: { url: 'u', width: 1 }, unique: 'u' },
      { task: 'count', data: 'x', priority: PRIORITY_NONE },
    ])
    // @ts-expect-error: the data belongs to the other task
    void typed.submitMultipleJobs([{ task: 'count', data: { url: 'u', width: 1 } }])
  })

  test('may be a type alias as well as an interface', () => {
    type Alias = { readonly only: { readonly data: 1; readonly result: 2 } }
    const client = new GearmanClient<Alias>()
    expectTypeOf(client.do('only', 1)).resolves.toEqualTypeOf<2>()
  })
})

describe('a client without a map', () => {
  test('takes any task, and what the raw encoder takes', async () => {
    expectTypeOf(plain.do).parameter(0).toEqualTypeOf<string>()
    expectTypeOf(plain.do<string>)
      .parameter(1)
      .toEqualTypeOf<RawInput>()
    const request = await plain.submitJob('anything', 'text')
    expectTypeOf(request.result).toEqualTypeOf<Buffer | undefined>()
    expectTypeOf(request.dataUpdates).toEqualTypeOf<Buffer[]>()
    void plain.do('anything', undefined)
    // @ts-expect-error: the raw encoder takes no numbers
    void plain.do('anything', 7)
  })

  test('takes the jobs of the Python manual, typed out', () => {
    const listOfJobs = [
      { task: 'task_name', data: 'some_arbitrary_string' },
      { task: 'task_name', data: 'another', priority: PRIORITY_HIGH, background: true },
    ]
    void plain.submitMultipleJobs(listOfJobs)
    for (const priority of [PRIORITY_NONE, PRIORITY_HIGH])
      void plain.submitJob('t', 'x', { priority })
  })
})

describe('the encoder', () => {
  test('is known from the option, a class or an instance', async () => {
    const json = new GearmanClient('gear', { dataEncoder: JSONDataEncoder })
    expectTypeOf(await json.do('t', { any: 'thing' })).toEqualTypeOf<unknown>()
    const text = new GearmanClient('gear', { dataEncoder: StringDataEncoder })
    expectTypeOf(await text.do('t', 'x')).toEqualTypeOf<string>()
    const instance = new GearmanClient('gear', { dataEncoder: new StringDataEncoder() })
    expectTypeOf(await instance.do('t', 'x')).toEqualTypeOf<string>()
    // @ts-expect-error: text only
    void instance.do('t', 7)
  })

  test('with types of its own gives them to the client', async () => {
    const client = new GearmanClient('gear', {
      dataEncoder: new JSONDataEncoder<{ in: number }, { out: string }>(),
    })
    expectTypeOf(await client.do('t', { in: 1 })).toEqualTypeOf<{ out: string }>()
    // @ts-expect-error: that is no { in: number }
    void client.do('t', { in: 'x' })
  })

  test('of one’s own may take one thing and give another', async () => {
    class DateEncoder extends DataEncoder<Date, number> {
      override encode(value: Date): Uint8Array {
        return Buffer.from(value.toISOString())
      }

      override decode(bytes: Buffer): number {
        return Number(bytes)
      }
    }
    const client = new GearmanClient('gear', { dataEncoder: DateEncoder })
    expectTypeOf(await client.do('t', new Date())).toEqualTypeOf<number>()
  })

  test('goes together with an explicit map, which then says all the types', async () => {
    const client = new GearmanClient<Tasks>('gear', { dataEncoder: JSONDataEncoder })
    expectTypeOf(await client.do('count', 'x')).toEqualTypeOf<number>()
    expectTypeOf(client).toEqualTypeOf<GearmanClient<Tasks>>()
  })

  test('may be a property of a subclass', async () => {
    class JSONClient extends GearmanClient<UntypedTasks, JSONDataEncoder> {
      override dataEncoder = JSONDataEncoder
    }
    class TaskClient extends GearmanClient<Tasks> {
      override dataEncoder = new JSONDataEncoder()
    }
    expectTypeOf(new JSONClient().do('t', { any: 'thing' })).resolves.toEqualTypeOf<unknown>()
    expectTypeOf(new TaskClient().do('count', 'x')).resolves.toEqualTypeOf<number>()
  })

  test('must be an encoder', () => {
    // @ts-expect-error: it has no methods
    new GearmanClient('gear', { dataEncoder: {} })
    class NeedyEncoder extends JSONDataEncoder {
      readonly depth: number
      constructor(depth: number) {
        super()
        this.depth = depth
      }
    }
    // @ts-expect-error: it cannot be made without arguments
    new GearmanClient('gear', { dataEncoder: NeedyEncoder })
    new GearmanClient('gear', { dataEncoder: new NeedyEncoder(1) })
  })
})

describe('what a client takes and gives', () => {
  test('hosts in every form, or a manager', () => {
    new GearmanClient()
    new GearmanClient('gear:4730,other')
    new GearmanClient(['gear', ['gear', 4730], { host: 'gear', port: 4730, tls: true }])
    new GearmanClient(new GearmanConnectionManager('gear'))
    new GearmanClient(plain)
    // @ts-expect-error: a port is a number
    new GearmanClient([['gear', '4730']])
  })

  test('a strategy, weights, and servers with TLS files', () => {
    new GearmanClient(
      [{ host: 'gear', weight: 2, tls: { caFile: 'ca.pem', minVersion: 'TLSv1.3' } }],
      {
        strategy: (candidates, job) => {
          expectTypeOf(job).toEqualTypeOf<JobToPlace>()
          const [first] = candidates
          if (first === undefined) throw new Error('there are two at least')
          expectTypeOf(first.reportedJobs(job.task)).toEqualTypeOf<number | undefined>()
          return first
        },
        weights: { 'gear:4730': 3 },
        queueProbeInterval: 1000,
      },
    )
    // @ts-expect-error: it returns a candidate, now
    new GearmanClient('gear', { strategy: async (candidates) => candidates[0] })
    // @ts-expect-error: an admin client chooses no server
    new GearmanAdminClient('gear', { weights: {} })
  })

  test('the state of its connections', () => {
    expectTypeOf(plain.connections).toEqualTypeOf<readonly ConnectionSnapshot[]>()
    expectTypeOf(plain.ready({ all: true, pollTimeout: 5 })).resolves.toEqualTypeOf<void>()
    // @ts-expect-error: all or one
    void plain.ready({ all: 2 })
  })

  test('the requests that it was given', () => {
    const requests = [] as GearmanJobRequest<string, number, boolean>[]
    expectTypeOf(plain.submitMultipleRequests(requests)).resolves.toEqualTypeOf<typeof requests>()
    expectTypeOf(plain.waitUntilJobsCompleted(requests)).resolves.toEqualTypeOf<typeof requests>()
    expectTypeOf(typed.waitUntilJobsAccepted(new Set(requests))).resolves.toEqualTypeOf<
      typeof requests
    >()
  })

  test('the request for a request, a status for a handle or a unique id', () => {
    const request = {} as GearmanJobRequest<string, number, boolean>
    expectTypeOf(plain.getJobStatus(request)).resolves.toEqualTypeOf<typeof request>()
    expectTypeOf(plain.getJobStatus({ unique: 'u' })).resolves.toEqualTypeOf<JobStatus>()
    const known = plain.getJobStatus({ handle: 'H:1', server: 'gear' })
    expectTypeOf(known).resolves.toEqualTypeOf<JobStatus>()
    // @ts-expect-error: a handle means nothing without its server
    void plain.getJobStatus({ handle: 'H:1' })
  })

  test('a result for a handle or a unique id, of the type of its task', async () => {
    expectTypeOf(plain.getJobResult({ unique: 'u' })).resolves.toEqualTypeOf<JobResult<Buffer>>()
    const job = await typed.getJobResult({ handle: 'H:1', server: 'gear' }, { task: 'count' })
    if (job.state === 'complete') expectTypeOf(job.result).toEqualTypeOf<number>()
    if (job.state === 'exception') expectTypeOf(job.exception).toEqualTypeOf<unknown>()
    // @ts-expect-error: there is a result only when the state says so
    void job.result
    // @ts-expect-error: no such task
    void typed.getJobResult({ unique: 'u' }, { task: 'other' })
  })

  test('constants that keep their literal types', () => {
    const options = { priority: PRIORITY_HIGH }
    expectTypeOf(options.priority).toEqualTypeOf<'HIGH'>()
    const state = { state: JOB_CREATED }
    expectTypeOf(state.state).toEqualTypeOf<'CREATED'>()
  })

  test('an own choice of the server, now or later', () => {
    class NowClient extends GearmanClient {
      override establishRequestConnection() {
        const [first] = this.connectionList
        if (first === undefined) throw new Error('none')
        return first
      }
    }
    class LaterClient extends GearmanClient<Tasks> {
      override async establishRequestConnection(request: GearmanJobRequest) {
        return await super.establishRequestConnection(request)
      }
    }
    expectTypeOf(new NowClient()).toExtend<GearmanClient>()
    expectTypeOf(new LaterClient()).toExtend<GearmanClient<Tasks>>()
  })

  test('one map for both sides', () => {
    expectTypeOf<ClientTasks<Tasks, JSONDataEncoder>>().toEqualTypeOf<Tasks>()
  })
})
