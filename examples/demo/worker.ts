/** One worker of the demo, in a process of its own: worker.ts HOST_LIST NAME */
import { GearmanWorker, JSONDataEncoder } from 'gearman-sdk'
import { countWords, mergeCounts, type WordCountTasks } from './tasks.ts'

const [, , hostList = '', name = ''] = process.argv

const worker = new GearmanWorker<WordCountTasks>(hostList, { dataEncoder: new JSONDataEncoder() })
worker.setClientId(name)
worker.registerTask('demo:countWords', async (_worker, job) => {
  return { counts: await countWords(job), worker: name }
})
worker.registerTask('demo:mergeCounts', (_worker, job) => {
  return { counts: mergeCounts(job.data), worker: name }
})

// The demo closes the channel when it is done, the system when the demo dies: perhaps already.
process.once('disconnect', () => void worker.shutdown())
if (process.connected) await worker.work()
