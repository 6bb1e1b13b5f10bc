/**
 * How tasks are made: asyncio.create_task, and the factory that a loop may have for it.
 */

import { checkFunction, checkOptions, typeError } from '../util/check.js';
import { isFuture } from './futures.js';
import { defaultLoop } from './running.js';
import type { Scheduler } from './scheduler.js';
import type { TaskBody } from './task_body.js';
import { Task, type TaskOptions } from './tasks.js';

/** What setTaskFactory() takes. The options are those of createTask(). */
// biome-ignore lint/suspicious/noExplicitAny: the loop's class is above this floor
export type TaskFactory = <T>(loop: any, coro: TaskBody<T>, options: TaskOptions) => Task<T>;

/**
 * Schedules `coro` as a task of the running loop (or the thread's): asyncio.create_task.
 *
 * @throws TypeError when `coro` is nothing that a task can drive
 */
export function createTask<T>(coro: TaskBody<T>, options?: TaskOptions): Task<T> {
  checkOptions(options);
  const loop = options?.loop ?? defaultLoop();
  const factory = loop._taskFactory;
  if (factory === null || factory === undefined) return new Task(coro, options);
  const task: unknown = factory(loop, coro, { ...options, loop });
  if (!isFuture(task)) throw typeError('the result of the task factory', 'a Task', task);
  return task as Task<T>;
}

/**
 * A task factory whose tasks run their first step at once, before createTask() returns:
 * asyncio.eager_task_factory.
 */
export function eagerTaskFactory<T>(
  loop: Scheduler,
  coro: TaskBody<T>,
  options?: TaskOptions,
): Task<T> {
  return new Task(coro, { eagerStart: true, ...options, loop });
}

/**
 * eagerTaskFactory() for a class of tasks of one's own: asyncio.create_eager_task_factory.
 *
 * @returns what setTaskFactory() takes
 * @throws TypeError
 */
export function createEagerTaskFactory(taskClass: typeof Task): TaskFactory {
  checkFunction('taskClass', taskClass);
  return (loop, coro, options) => new taskClass(coro, { eagerStart: true, ...options, loop });
}
