import { Priority } from '../queue/priority.ts'

/** What stands in the column PRIORITY of a list. */
export function priorityName(priority: Priority): string {
  if (priority === Priority.High) return 'high'
  return priority === Priority.Normal ? 'normal' : 'low'
}
