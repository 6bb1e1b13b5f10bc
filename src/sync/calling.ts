/**
 * How the functions of locks and queues that wait are called: what needs no waiting is done on return,
 * and a signal that has aborted keeps anything from happening.
 */

import { type AbortOptions, cancelOnAbort } from '../core/abort.js';
import { Future } from '../core/futures.js';
import type { Scheduler } from '../core/scheduler.js';
import { checkOptions, typeError } from '../util/check.js';

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

/** @throws TypeError unless `options` are ones that abortable() takes */
export function checkAbortOptions(options: AbortOptions | undefined): void {
  checkOptions(options);
  const signal = options?.signal;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw typeError('signal', 'an AbortSignal', signal);
  }
}

/** A future that is done. */
export function finished<T>(loop: Scheduler, result: T): Future<T> {
  const future = new Future<T>({ loop });
  future.setResult(result);
  return future;
}
