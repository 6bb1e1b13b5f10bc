/**
 * How the functions of locks and queues that wait are called: what needs no waiting is done on return,
 * and a signal that has aborted keeps anything from happening.
 */

import { type AbortOptions, cancelOnAbort, checkAbortOptions } from '../core/abort.js';
import { Future } from '../core/futures.js';
import type { Scheduler } from '../core/scheduler.js';

/**
 * What `start` returns, to be given up when `options.signal` aborts.
 *
 * @throws TypeError for bad options, before `start` is called
 */
export function abortable<T>(options: AbortOptions | undefined, start: () => Future<T>): Future<T> {
  if (options === undefined) return start();
  checkAbortOptions(options);
  return cancelOnAbort(options.signal?.aborted === true ? new Future<T>() : start(), options);
}

/** A future that is done. */
export function finished<T>(loop: Scheduler, result: T): Future<T> {
  const future = new Future<T>({ loop });
  future.setResult(result);
  return future;
}

/** A future that is done and says nothing more, the same each time: what put() mostly gives. */
export function finishedEmpty(loop: Scheduler): Future<void> {
  loop._finished ??= finished<void>(loop, undefined);
  return loop._finished as Future<void>;
}
