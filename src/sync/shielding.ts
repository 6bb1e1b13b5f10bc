/**
 * shield(): asyncio.shield, waiting for something without cancelling it.
 */

import { type AbortOptions, cancelOnAbort, checkAbortOptions } from '../core/abort.js';
import { ensureFuture } from '../core/ensure_future.js';
import type { Runnable } from '../core/events.js';
import { Future } from '../core/futures.js';
import { endAs } from '../core/settled.js';
import type { ResultOf, Waitable } from './gathering.js';

/** Those whose errors are reported, since who waited for them was cancelled. */
const reported = new WeakSet<Future>();

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

  override cancel(message?: unknown): boolean {
    if (!super.cancel(message)) return false;
    // It may live long, and be shielded often: what stays with it is one report of its error.
    this.#inner._removeWaiting(this);
    reportFailure(this.#inner as Future);
    return true;
  }

  /** The inner future is done. */
  run(): void {
    if (!this.done()) endAs(this, this.#inner);
  }
}

/** Reports the error that `inner` may end with: nobody waits any more who could hear of it. */
function reportFailure(inner: Future): void {
  if (inner.done() || reported.has(inner)) return;
  reported.add(inner);
  const run = () => {
    const exception = inner.cancelled() ? null : inner.exception();
    if (exception === null) return;
    const name = exception instanceof Error ? exception.name : typeof exception;
    inner._loop.callExceptionHandler({
      message: `${name} exception in shielded future`,
      exception,
      future: inner,
    });
  };
  inner._addWaiting({ run });
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
