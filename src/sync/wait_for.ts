/**
 * waitFor(): asyncio.wait_for, a deadline for one awaitable.
 *
 * What it waits for is cancelled when the deadline passes, and has ended before TimeoutError is thrown. A result that
 * is there is never thrown away for a deadline.
 */

import { type AbortOptions, cancelOnAbort, checkAbortOptions } from '../core/abort.js';
import { ensureFuture } from '../core/ensure_future.js';
import { CancelledError, TimeoutError } from '../core/exceptions.js';
import type { Future } from '../core/futures.js';
import { Operation, type OperationBody } from '../core/operation.js';
import { checkNumber } from '../util/check.js';
import type { ResultOf, Waitable } from './gathering.js';

/**
 * Waits for `awaitable` for at most `timeout` milliseconds: asyncio.wait_for.
 *
 * @param timeout null waits for ever; 0 or less looks only whether it is done
 * @returns a future of its result; cancelling it cancels `awaitable`
 * @throws TimeoutError out of the future; TypeError or RangeError at the call
 */
export function waitFor<W extends Waitable>(
  awaitable: W,
  timeout: number | null,
  options?: AbortOptions,
): Future<ResultOf<W>> {
  if (timeout !== null) checkNumber('timeout', timeout);
  checkAbortOptions(options);
  const inner = ensureFuture(awaitable) as Future<ResultOf<W>>;
  const cancelRequested = () => operation?.cancelRequested ?? false;
  let operation: Operation<ResultOf<W>> | null = null;
  operation = new Operation(inner._loop, waitForBody(inner, timeout, cancelRequested), [
    inner as Future,
  ]);
  return cancelOnAbort(operation, options);
}

function* waitForBody<T>(
  inner: Future<T>,
  timeout: number | null,
  cancelRequested: () => boolean,
): OperationBody<T> {
  let expired = false;
  const expire = () => {
    expired = inner.cancel();
  };
  if (timeout !== null && timeout <= 0) expire();
  const timer = timeout === null || timeout <= 0 ? null : inner._loop.callLater(timeout, expire);
  try {
    return yield* inner;
  } catch (error) {
    if (!expired || cancelRequested() || !(error instanceof CancelledError)) throw error;
    throw new TimeoutError('', { cause: error });
  } finally {
    timer?.cancel();
  }
}
