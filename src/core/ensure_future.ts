/**
 * From anything awaitable to a Future: asyncio.ensure_future.
 */

import { typeError } from '../util/check.js';
import { Coroutine, isGenerator } from './coroutines.js';
import { Foreign } from './foreign.js';
import { Future, type FutureOptions, isFuture } from './futures.js';
import { endAs } from './settled.js';
import type { TaskBody } from './task_body.js';
import { createTask } from './task_factory.js';

/**
 * A future for anything awaitable: itself, a task for a coroutine, or one that follows a promise: asyncio.ensure_future.
 *
 * @throws TypeError for what cannot be awaited
 */
export function ensureFuture<T>(
  awaitable: PromiseLike<T> | TaskBody<T>,
  options?: FutureOptions,
): Future<T> {
  checkAwaitable('awaitable', awaitable);
  if (isFuture(awaitable)) return awaitable as Future<T>;
  if (isGenerator(awaitable) || awaitable instanceof Coroutine) {
    return createTask(awaitable as TaskBody<T>, options);
  }
  return new Foreign(awaitable as PromiseLike<T>, options);
}

/**
 * A future of this loop for one of another loop, or for a promise: asyncio.wrap_future. A future of this loop is
 * itself. Cancelling it cancels the other future.
 *
 * @throws TypeError
 */
export function wrapFuture<T>(future: PromiseLike<T>, options?: FutureOptions): Future<T> {
  if (!isFuture(future)) return ensureFuture(future, options);
  const source = future as Future<T>;
  const wrapped = new Future<T>(options);
  if (source._loop === wrapped._loop) return source;
  source._addWaiting({
    run() {
      if (wrapped.done()) source._markRetrieved();
      else endAs(wrapped, source);
    },
  });
  wrapped._addWaiting({ run: () => wrapped.cancelled() && source.cancel() });
  return wrapped;
}

/** Checks what ensureFuture() will be given, before anything of it is started. */
export function checkAwaitable(argument: string, value: unknown): void {
  if (isGenerator(value)) return;
  if (typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function') return;
  throw typeError(argument, 'a future, a coroutine or a promise', value);
}
