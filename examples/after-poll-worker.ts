/** The hooks of a worker, overridden: what happens around a job, and when to end. */
import { GearmanClient, GearmanWorker, type GearmanWorkerJob } from 'gearman-sdk'
import { useServers } from './shared/servers.ts'

class CustomGearmanWorker extends GearmanWorker {
  #jobs = 0

  override onJobExecute(job: GearmanWorkerJob): unknown {
    console.log(`Job started: ${job.task}`)
    return super.onJobExecute(job)
  }

  override onJobException(job: GearmanWorkerJob, error: unknown): unknown {
    console.log(`Job failed: ${error}`)
    return super.onJobException(job, error)
  }

  override onJobComplete(job: GearmanWorkerJob, result: unknown): unknown {
    console.log(`Job complete: ${result}`)
    return super.onJobComplete(job, result)
  }

  override afterPoll(_anyActivity: boolean): boolean {
    // Called whenever something came in, and each `pollTimeout`. `false` ends work().
    return true
  }

  override afterJob(): boolean {
    this.#jobs += 1
    return this.#jobs < 2 // two jobs, and this worker goes home
  }
}

await using servers = await useServers()
await using worker = new CustomGearmanWorker(servers.hostList)
worker.registerTask('echo', (_worker, job) => {
  if (job.data.length === 0) throw new Error('nothing to say')
  return job.data.toString()
})
const working = worker.work({ pollTimeout: 1000 })

await using client = new GearmanClient(servers.hostList)
await client.submitJob('echo', 'is anybody there?')
await client.submitJob('echo', '')
await working
console.log('work() has ended')
