import type { AnyEncoder, EncoderInput, EncoderOutput } from '../encoders/data-encoder.ts'

/** The types of one task. */
export interface TaskTypes {
  /** What the client submits and the worker gets. */
  readonly data: unknown
  /** What the worker returns and the client gets. */
  readonly result: unknown
  /** What the worker sends while it runs (data and warnings). Left out: the same type as the result. */
  readonly update?: unknown
}

/** Task name to its types: one map types a client and a worker together. */
export type TaskMap = { readonly [task: string]: TaskTypes } | object

/** What holds without a map: every name is a task, and everything is of the encoder's types. */
export interface DefaultTasks<E extends AnyEncoder> {
  readonly [task: string]: {
    /** What the encoder takes. */
    readonly data: EncoderInput<E>
    /** What the encoder gives. */
    readonly result: EncoderOutput<E>
  }
}

/** {@link DefaultTasks} as a worker sees it: it gets what the encoder decodes, and returns what it encodes. */
export interface DefaultWorkerTasks<E extends AnyEncoder> {
  readonly [task: string]: {
    /** What the encoder gives. */
    readonly data: EncoderOutput<E>
    /** What the encoder takes. */
    readonly result: EncoderInput<E>
  }
}

/** Stands for no map at all: every name is a task, and the encoder says what its types are. */
export interface UntypedTasks {
  /** Never there: it only tells this type from a map without tasks. */
  readonly [untyped]?: never
}
declare const untyped: unique symbol

/** The map that a client works with. */
export type ClientTasks<Tasks, E extends AnyEncoder> = [Tasks] extends [UntypedTasks]
  ? [UntypedTasks] extends [Tasks]
    ? DefaultTasks<E>
    : Tasks
  : Tasks

/** The map that a worker works with. */
export type WorkerTasks<Tasks, E extends AnyEncoder> = [Tasks] extends [UntypedTasks]
  ? [UntypedTasks] extends [Tasks]
    ? DefaultWorkerTasks<E>
    : Tasks
  : Tasks

/** The names of the tasks of a map. */
export type TaskName<Tasks> = keyof Tasks & string

/** The data of a task. */
export type TaskData<Tasks, Name extends TaskName<Tasks>> = Tasks[Name] extends {
  /** What the map says. */
  readonly data: infer Data
}
  ? Data
  : unknown

/** The result of a task. */
export type TaskResult<Tasks, Name extends TaskName<Tasks>> = Tasks[Name] extends {
  /** What the map says. */
  readonly result: infer Result
}
  ? Result
  : unknown

/** What a task sends while it runs. */
export type TaskUpdate<Tasks, Name extends TaskName<Tasks>> = Tasks[Name] extends {
  /** What the map says. */
  readonly update: infer Update
}
  ? Update
  : TaskResult<Tasks, Name>
