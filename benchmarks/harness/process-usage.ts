import { readFileSync } from 'node:fs'

/** Of a kernel on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100
const UTIME = 11
const STIME = 12

/** How much memory a process has, in MiB. Linux only. */
export function residentMib(pid: number): number {
  return memoryKib(pid, 'VmRSS') / 1024
}

/** The most memory that a process has had, in MiB. Linux only. */
export function peakMib(pid: number): number {
  return memoryKib(pid, 'VmHWM') / 1024
}

/** How much processor time a process has had, in milliseconds. Linux only. */
export function processorMs(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The second field is the name, in parentheses, and may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return ((Number(fields[UTIME]) + Number(fields[STIME])) * 1000) / TICKS_PER_SECOND
}

function memoryKib(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1')
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1])
}
