/**
 * How the functions of locks and queues that wait are called: what needs no waiting is done on return,
 * and a signal that has aborted keeps anything from happening.
 */

import { type AbortOptions, cancelOnAbort, checkAbortOptions } from '../core/abort.js';
import { Future } from '../core/futures.js';
import { defaultLoop } from '../core/running.js';
import type { Scheduler } from '../core/scheduler.js';

/**
 * What `start` returns, to be given up when `options.signal` aborts.
 *
 * @throws TypeError for bad options, before `start` is called
 */
export function abortable<T>(
  options: AbortOptions | undefined,
  start: (loop: Scheduler) => Future<T>,
): Future<T> {
  checkAbortOptions(options);
  const loop = defaultLoop();
  if (options === undefined) return start(loop);
  const isTooLate = options.signal?.aborted === true;
  return cancelOnAbort(isTooLate ? new Future<T>({ loop }) : start(loop), options);
}
