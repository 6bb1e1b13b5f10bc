/**
 * Futures that are done from the start, and futures that end as others did.
 */

import { Future } from './futures.js';
import type { Scheduler } from './scheduler.js';

/** A future that has its result. */
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

/** A future that has failed. */
export function failed<T>(loop: Scheduler, exception: unknown): Future<T> {
  const future = new Future<T>({ loop });
  future.setException(exception);
  return future;
}

/** Ends `future` as `source` has ended; a cancellation without its message, as in asyncio. */
export function endAs<T>(future: Future<T>, source: Future<T>): void {
  if (source.cancelled()) {
    future.cancel();
    return;
  }
  const exception = source.exception();
  if (exception === null) future.setResult(source.result());
  else future._fail(exception);
}
