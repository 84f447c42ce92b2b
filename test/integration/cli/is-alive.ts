import { contentOf } from '../../helpers/cli-server.ts'

/** Whether a process runs that is no child of this one. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // In a container without an init process nobody collects a dead orphan.
    return !/^State:\tZ/m.test(contentOf(`/proc/${pid}/status`))
  } catch {
    return false // it may also go between the two looks
  }
}
