import type { Sample } from '../contestants/scenario.ts'
import { figure } from './figure.ts'

/**
 * Processor time of each process: microseconds for a job where jobs were counted, else seconds. It says more than a rate does
 * on a machine that has other things to do.
 */
export function processorTime({ allJobs, processes }: Sample): string {
  return processes
    .map(({ role, processorSeconds }) => {
      if (allJobs === undefined || allJobs === 0) return `${role} ${figure(processorSeconds)} s`
      return `${role} ${figure((processorSeconds * 1e6) / allJobs)}`
    })
    .join(', ')
}
