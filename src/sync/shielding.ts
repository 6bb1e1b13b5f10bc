/**
 * shield(): asyncio.shield, waiting for something without cancelling it.
 */

import { type AbortOptions, cancelOnAbort, checkAbortOptions } from '../core/abort.js';
import { ensureFuture } from '../core/ensure_future.js';
import type { Runnable } from '../core/events.js';
import { Future } from '../core/futures.js';

import type { ResultOf, Waitable } from './gathering.js';

/** Ends as `inner` does, but for its own cancellation. */
class Shield<T> extends Future<T> implements Runnable {
  readonly #inner: Future<T>;

  constructor(inner: Future<T>) {
    super({ loop: inner._loop });
    this.#inner = inner;
    inner._addWaiting(this);
  }

  override _awaits(): Iterable<Future> {
    return this.done() ? [] : [this.#inner as Future];
  }

  /** The inner future is done. */
  run(): void {
    const inner = this.#inner;
    if (this.done()) this.#reportFailure();
    else if (inner.cancelled()) this.cancel();
    else {
      const exception = inner.exception();
      if (exception === null) this.setResult(inner.result());
      else this._fail(exception);
    }
  }

  /** Nobody waits any more who could hear of the inner future's error. */
  #reportFailure(): void {
    const inner = this.#inner;
    if (inner.cancelled()) return;
    const exception = inner.exception();
    if (exception === null) return;
    const name = exception instanceof Error ? exception.name : typeof exception;
    inner._loop.callExceptionHandler({
      message: `${name} exception in shielded future`,
      exception,
      future: inner,
    });
  }
}

/**
 * A future that ends as `awaitable` does; cancelling it leaves `awaitable` alone: asyncio.shield.
 *
 * @throws TypeError when `awaitable` cannot be awaited
 */
export function shield<W extends Waitable>(
  awaitable: W,
  options?: AbortOptions,
): Future<ResultOf<W>> {
  checkAbortOptions(options);
  const inner = ensureFuture(awaitable) as Future<ResultOf<W>>;
  if (inner.done()) return inner;
  return cancelOnAbort(new Shield(inner), options);
}
