import {
  type FailedJob,
  type FailedJobReason,
  GearmanAdminClient,
  GearmanConnectionManager,
  type JobDetails,
  type ListedJobState,
  type MaxqueueSizes,
  type QueuedJob,
  type TaskDetails,
  type TaskPriorityStatus,
  type TaskStatus,
  type UniqueJob,
  type WorkerConnection,
} from 'gearman-sdk'
import { describe, expectTypeOf, test } from 'vitest'

describe('GearmanAdminClient', () => {
  const admin = new GearmanAdminClient('localhost')

  test('takes one address in any form, a list, or a manager', () => {
    expectTypeOf(GearmanAdminClient).toBeConstructibleWith()
    expectTypeOf(GearmanAdminClient).toBeConstructibleWith('localhost:4730')
    expectTypeOf(GearmanAdminClient).toBeConstructibleWith(['localhost:4730'])
    expectTypeOf(GearmanAdminClient).toBeConstructibleWith(['localhost', 4730])
    expectTypeOf(GearmanAdminClient).toBeConstructibleWith({ host: 'localhost', tls: true })
    expectTypeOf(GearmanAdminClient).toBeConstructibleWith(new GearmanConnectionManager('a,b'), {
      server: 'b:4730',
      pollTimeout: 1000,
    })
    // @ts-expect-error a port alone is no address
    new GearmanAdminClient(4730)
    // @ts-expect-error an admin client has one server: nothing to choose
    new GearmanAdminClient('localhost', { strategy: 'random' })
  })

  test('answers with rows that cannot be changed, under their own types', () => {
    expectTypeOf(admin.getStatus()).resolves.toEqualTypeOf<readonly TaskStatus[]>()
    expectTypeOf(admin.getPriorityStatus()).resolves.toEqualTypeOf<readonly TaskPriorityStatus[]>()
    expectTypeOf(admin.getWorkers()).resolves.toEqualTypeOf<readonly WorkerConnection[]>()
    expectTypeOf(admin.getJobs()).resolves.toEqualTypeOf<readonly QueuedJob[]>()
    expectTypeOf(admin.getUniqueJobs()).resolves.toEqualTypeOf<readonly UniqueJob[]>()
    expectTypeOf<WorkerConnection['tasks']>().toEqualTypeOf<readonly string[]>()
    expectTypeOf<QueuedJob['ignored']>().toEqualTypeOf<boolean>()
  })

  test('answers with numbers and text without a prefix', () => {
    expectTypeOf(admin.getVersion()).resolves.toEqualTypeOf<string>()
    expectTypeOf(admin.getVerbose()).resolves.toEqualTypeOf<string>()
    expectTypeOf(admin.getPid()).resolves.toEqualTypeOf<number>()
    expectTypeOf(admin.pingServer()).resolves.toEqualTypeOf<number>()
  })

  test('steers the server with calls that answer nothing', () => {
    expectTypeOf(admin.sendMaxqueue('task', 5)).resolves.toEqualTypeOf<void>()
    expectTypeOf(admin.sendMaxqueue).toBeCallableWith('task', { high: 1, low: 3 })
    expectTypeOf(admin.sendMaxqueue).toBeCallableWith('task', undefined, { pollTimeout: 5 })
    expectTypeOf(admin.sendShutdown).toBeCallableWith(false, { signal: AbortSignal.timeout(5) })
    expectTypeOf(admin.cancelJob('H:a:1')).resolves.toEqualTypeOf<void>()
    expectTypeOf(admin.createFunction('task')).resolves.toEqualTypeOf<void>()
    expectTypeOf(admin.dropFunction('task')).resolves.toEqualTypeOf<void>()
    // @ts-expect-error the size is a number
    void admin.sendMaxqueue('task', '5')
    // @ts-expect-error no such priority
    void admin.sendMaxqueue('task', { medium: 5 })
    // @ts-expect-error no such option
    void admin.getStatus({ timeout: 5 })
  })

  test('looks into the queues of the bundled server, and steers them', () => {
    expectTypeOf(admin.listFunctions()).resolves.toEqualTypeOf<readonly TaskDetails[]>()
    expectTypeOf(admin.listJobs('task', 10)).resolves.toEqualTypeOf<readonly JobDetails[]>()
    expectTypeOf(admin.listJobs).toBeCallableWith('task', undefined, { pollTimeout: 5 })
    expectTypeOf<JobDetails['state']>().toEqualTypeOf<ListedJobState>()
    expectTypeOf<JobDetails['runAt']>().toEqualTypeOf<number | undefined>()
    expectTypeOf<TaskDetails['maxqueue']>().toExtend<MaxqueueSizes>()
    expectTypeOf(admin.pauseFunction('task')).resolves.toEqualTypeOf<void>()
    expectTypeOf(admin.resumeFunction('task')).resolves.toEqualTypeOf<void>()
    expectTypeOf(admin.purgeFunction('task')).resolves.toEqualTypeOf<number>()
    expectTypeOf(admin.kickFunction('task', 5)).resolves.toEqualTypeOf<number>()
    expectTypeOf(admin.kickJob('H:a:1')).resolves.toEqualTypeOf<boolean>()
    // @ts-expect-error the limit is a number
    void admin.listJobs('task', { limit: 5 })
  })

  test('lists failed jobs of the bundled server, and queues them again', () => {
    expectTypeOf(admin.getFailedJobs()).resolves.toEqualTypeOf<readonly FailedJob[]>()
    expectTypeOf(admin.getFailedJobs).toBeCallableWith({ task: 'a', limit: 5 }, { pollTimeout: 5 })
    expectTypeOf<FailedJob['reason']>().toEqualTypeOf<FailedJobReason>()
    expectTypeOf<FailedJob['exception']>().toEqualTypeOf<Buffer | undefined>()
    expectTypeOf(admin.requeueFailedJobs('H:a:1')).resolves.toEqualTypeOf<number>()
    expectTypeOf(admin.purgeFailedJobs('all')).resolves.toEqualTypeOf<number>()
    // @ts-expect-error which ones must be said
    void admin.purgeFailedJobs()
  })

  test('can be disposed of', () => {
    expectTypeOf<GearmanAdminClient>().toExtend<AsyncDisposable>()
    expectTypeOf(admin.shutdown()).resolves.toEqualTypeOf<void>()
  })
})
