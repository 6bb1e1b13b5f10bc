/**
 * What a loop that is being closed leaves behind: pending tasks, errors and coroutines that nobody has looked at.
 *
 * In asyncio their destructors tell, some time later. Here it is told when the loop closes, so that it does not
 * depend on when the collector runs.
 */

import { sourceTraceback } from './creation.js';
import { reportUnretrieved } from './never_retrieved.js';
import type { Scheduler } from './scheduler.js';

/** Tasks of the library's own, as inside createConnection(): the program has a future of theirs, and no task. */
const ofLibrary = new WeakSet<object>();

/** `task` is none of the program's, and not reported when its loop closes before it ends. */
export function markOfLibrary<T extends object>(task: T): T {
  ofLibrary.add(task);
  return task;
}

/** Reports all of it to the exception handler of `loop`, or as warnings. */
export function reportLeftovers(loop: Scheduler): void {
  for (const task of [...loop._tasks]) {
    if (ofLibrary.has(task)) continue;
    const message = 'Task was destroyed but it is pending!';
    loop.callExceptionHandler({ message, task, ...sourceTraceback(task) });
  }
  reportUnretrieved(loop);
  loop._coroutines.report();
}
