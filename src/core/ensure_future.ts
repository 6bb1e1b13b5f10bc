/**
 * From anything awaitable to a Future: asyncio.ensure_future.
 */

import { typeError } from '../util/check.js';
import { Coroutine, isGenerator } from './coroutines.js';
import { Foreign } from './foreign.js';
import { type Future, type FutureOptions, isFuture } from './futures.js';
import type { TaskBody } from './task_body.js';
import { createTask } from './task_factory.js';

/**
 * A future for anything awaitable: itself, a task for a coroutine, or one that follows a promise.
 *
 * @throws TypeError naming `argument` when it is nothing of these
 */
export function ensureFuture<T>(
  awaitable: PromiseLike<T> | TaskBody<T>,
  options?: FutureOptions,
  argument = 'awaitable',
): Future<T> {
  if (isFuture(awaitable)) return awaitable as Future<T>;
  if (isGenerator(awaitable) || awaitable instanceof Coroutine) {
    return createTask(awaitable as TaskBody<T>, options);
  }
  if (typeof (awaitable as PromiseLike<T> | null | undefined)?.then === 'function') {
    return new Foreign(awaitable as PromiseLike<T>, options);
  }
  throw typeError(argument, 'a future, a coroutine or a promise', awaitable);
}
