import {
  AesGcmDataEncoder,
  GearmanClient,
  type GearmanClientOptions,
  GearmanWorker,
  type GearmanWorkerOptions,
  GzipDataEncoder,
  JSONDataEncoder,
  type ModGearmanJob,
  ModGearmanJobDataEncoder,
  ModGearmanResultDataEncoder,
  PhpDataEncoder,
  PickleDataEncoder,
  PyTuple,
  RawDataEncoder,
  StringDataEncoder,
} from 'gearman-sdk'
import { describe, expectTypeOf, test } from 'vitest'

interface Tasks {
  a: { data: { x: number }; result: string }
}

describe('the encoder in the options', () => {
  test('types a client, as an instance made on the spot or as a class', () => {
    const byInstance = new GearmanClient('x', { dataEncoder: new JSONDataEncoder() })
    expectTypeOf(byInstance.do('a', { b: 1 })).resolves.toEqualTypeOf<unknown>()
    const byClass = new GearmanClient('x', { dataEncoder: StringDataEncoder })
    expectTypeOf(byClass.do('a', 'b')).resolves.toEqualTypeOf<string>()
    // @ts-expect-error a number is no string
    byClass.do('a', 5)
  })

  test('types a worker in the same ways', () => {
    const byInstance = new GearmanWorker('x', { dataEncoder: new JSONDataEncoder() })
    byInstance.registerTask('a', (_worker, job) => ({ got: job.data }))
    byInstance.registerTask('a', () => undefined)
    const byClass = new GearmanWorker('x', { dataEncoder: StringDataEncoder, concurrency: 3 })
    byClass.registerTask('a', (_worker, job) => job.data.toUpperCase())
    // @ts-expect-error a number is no string
    byClass.registerTask('a', () => 5)
  })

  test('may stand beside a map of tasks', () => {
    const client = new GearmanClient<Tasks>('x', { dataEncoder: new JSONDataEncoder() })
    expectTypeOf(client.do('a', { x: 1 })).resolves.toEqualTypeOf<string>()
    const worker = new GearmanWorker<Tasks>('x', { dataEncoder: JSONDataEncoder })
    worker.registerTask('a', (_worker, job) => job.data.x.toFixed())
  })

  test('may come in options that are typed', () => {
    const options: GearmanClientOptions = { dataEncoder: JSONDataEncoder }
    const client = new GearmanClient('x', options)
    expectTypeOf(client.do('a', { b: 1 })).resolves.toEqualTypeOf<unknown>()
  })

  test('may come through the constructor of a subclass', () => {
    class OwnWorker extends GearmanWorker {
      constructor(options?: GearmanWorkerOptions) {
        super('x', options)
      }
    }
    class OwnClient extends GearmanClient {
      constructor(options?: GearmanClientOptions) {
        super('x', options)
      }
    }
    new OwnWorker({ dataEncoder: new JSONDataEncoder() })
    new OwnClient({ dataEncoder: JSONDataEncoder })
  })

  test('has the types of the encoder that it is put around', () => {
    const text = new GzipDataEncoder(StringDataEncoder)
    const client = new GearmanClient('x', { dataEncoder: text })
    expectTypeOf(client.do('a', 'b')).resolves.toEqualTypeOf<string>()
    // @ts-expect-error a number is no string
    client.do('a', 5)
    const raw = new AesGcmDataEncoder(new RawDataEncoder(), { key: Buffer.alloc(32) })
    const worker = new GearmanWorker('x', { dataEncoder: raw })
    worker.registerTask('a', (_worker, job) => job.data.subarray(1))
    // @ts-expect-error it needs an encoder to put itself around
    new GearmanClient('x', { dataEncoder: GzipDataEncoder })
  })

  test('types the jobs and results of other systems', () => {
    const php = new GearmanWorker('x', { dataEncoder: new PhpDataEncoder<number, string>() })
    php.registerTask('a', (_worker, job) => job.data.length)
    const dataEncoder = new ModGearmanJobDataEncoder({ key: 'x' })
    const worker = new GearmanWorker('x', { dataEncoder })
    worker.registerTask('service', (_worker, job) => void job.data.hostName?.length)
    const results = new ModGearmanResultDataEncoder({ key: undefined })
    const client = new GearmanClient('x', { dataEncoder: results })
    client.submitJob('check_results', { hostName: 'h', returnCode: 0, output: 'OK' })
    // @ts-expect-error a result has an output
    client.submitJob('check_results', { hostName: 'h', returnCode: 0 })
    // @ts-expect-error a job has a type
    const job: ModGearmanJob = { commandLine: 'x' }
    void job
  })
})

describe('the pickle encoder', () => {
  test('types what it takes and gives', () => {
    const client = new GearmanClient('x', { dataEncoder: PickleDataEncoder })
    expectTypeOf(client.do('a', [PyTuple.of(1, 'b')])).resolves.toEqualTypeOf<unknown>()
    const typed = new PickleDataEncoder<{ word: string }, number>()
    expectTypeOf(typed.decode).returns.toEqualTypeOf<number>()
    // @ts-expect-error it takes objects with a word
    typed.encode({ words: 1 })
    expectTypeOf(PyTuple.of(1, 'b')).toEqualTypeOf<PyTuple<number | string>>()
  })

  test('types the instances of a registered class by its type, and by what decode gives', () => {
    new PickleDataEncoder().registerClass({
      module: 'm',
      name: 'C',
      type: URL,
      decode: ([href]) => new Map([['href', href]]),
      setState: (map) => expectTypeOf(map).toEqualTypeOf<Map<string, unknown>>(),
      encode: (url) => {
        expectTypeOf(url).toEqualTypeOf<URL>()
        return { args: [url.href] }
      },
    })
    // @ts-expect-error arguments are an array
    new PickleDataEncoder().registerClass({ module: 'm', name: 'C', encode: () => ({ args: 1 }) })
  })
})
