/**
 * Which tasks there are: asyncio.current_task and asyncio.all_tasks.
 */

import { checkLoop } from './check_loop.js';
import { runningTask } from './context.js';
import { defaultLoop, runningLoop } from './running.js';
import type { Scheduler } from './scheduler.js';
import type { Task } from './tasks.js';

/**
 * The task whose code is running, or null: asyncio.current_task.
 *
 * @param loop counts only tasks of this loop; by default those of any
 * @throws TypeError
 */
export function currentTask(loop?: Scheduler): Task | null {
  checkLoop(loop);
  const task = runningTask() as Task | null;
  return task !== null && (loop === undefined || task._loop === loop) ? task : null;
}

/**
 * The tasks of `loop` that are not done: asyncio.all_tasks.
 *
 * @param loop by default the running one, else the thread's
 * @returns a set of one's own
 * @throws TypeError
 */
export function allTasks(loop?: Scheduler): Set<Task> {
  checkLoop(loop);
  const owner = loop ?? runningLoop() ?? defaultLoop();
  return new Set(owner._tasks as Iterable<Task>);
}
