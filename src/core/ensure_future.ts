/**
 * From anything awaitable to a Future: asyncio.ensure_future.
 *
 * A foreign promise is followed from the moment of the call, so that its rejection is never unhandled.
 */

import { typeError } from '../util/check.js';
import { Coroutine, isGenerator } from './coroutines.js';
import { Future, type FutureOptions, isFuture } from './futures.js';
import { Task, type TaskBody } from './tasks.js';

/** A future for anything awaitable: itself, a task for a coroutine, or one that follows a promise. */
export function ensureFuture<T>(
  awaitable: PromiseLike<T> | TaskBody<T>,
  options?: FutureOptions,
): Future<T> {
  if (isFuture(awaitable)) return awaitable as Future<T>;
  if (isGenerator(awaitable) || awaitable instanceof Coroutine) {
    return new Task(awaitable as TaskBody<T>, options);
  }
  if (typeof (awaitable as PromiseLike<T> | null | undefined)?.then === 'function') {
    return follow(awaitable as PromiseLike<T>, options);
  }
  throw typeError('awaitable', 'a future, a coroutine or a promise', awaitable);
}

/** A future that ends as `promise` does; cancelling it leaves the promise alone. */
function follow<T>(promise: PromiseLike<T>, options: FutureOptions | undefined): Future<T> {
  const future = new Future<T>(options);
  promise.then(
    (result) => future.done() || future.setResult(result),
    (error) => future.done() || future._fail(error),
  );
  return future;
}
