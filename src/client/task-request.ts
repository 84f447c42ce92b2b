import type { AnyEncoder } from '../encoders/data-encoder.ts'
import type { ClientTasks, TaskData, TaskName, TaskResult, TaskUpdate } from '../jobs/task-map.ts'
import type { GearmanJobRequest } from './job-request.ts'

/** The request of a task of a map. */
export type TaskRequest<Tasks, Name extends TaskName<Tasks>> = GearmanJobRequest<
  TaskData<Tasks, Name>,
  TaskResult<Tasks, Name>,
  TaskUpdate<Tasks, Name>
>

/** The request of any task of a client: by its map, or by its encoder where there is none. */
export type AnyRequest<Tasks, E extends AnyEncoder> = TaskRequest<
  ClientTasks<Tasks, E>,
  TaskName<ClientTasks<Tasks, E>>
>
