import type { TaskData, TaskName, TaskResult, TaskUpdate } from '../jobs/task-map.ts'
import type { GearmanWorkerJob } from './worker-job.ts'

/** The job of a task of a map. */
export type TaskJob<Tasks, Name extends TaskName<Tasks>> = GearmanWorkerJob<
  TaskData<Tasks, Name>,
  TaskUpdate<Tasks, Name>
>

/** What a callback may return where the result is of that type: nothing, if that may be `undefined`. */
// biome-ignore lint/suspicious/noConfusingVoidType: a callback without `return` returns void
export type CallbackResult<Result> = undefined extends Result ? Result | void : Result

/** What runs the jobs of a task: it gets the worker and the job, and returns the result or a promise of it. */
export type TaskCallback<Worker, Tasks, Name extends TaskName<Tasks>> = (
  worker: Worker,
  job: TaskJob<Tasks, Name>,
) => CallbackResult<TaskResult<Tasks, Name>> | PromiseLike<CallbackResult<TaskResult<Tasks, Name>>>
