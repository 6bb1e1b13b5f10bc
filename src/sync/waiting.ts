/**
 * wait(): asyncio.wait, until the first of several futures is done, or the first fails, or all are done.
 *
 * It cancels nothing and throws nothing of theirs: it says which are done.
 */

import { type AbortOptions, cancelOnAbort, checkAbortOptions } from '../core/abort.js';
import { Future, isFuture } from '../core/futures.js';
import { Operation, type OperationBody } from '../core/operation.js';
import type { Scheduler } from '../core/scheduler.js';
import { checkNumber, rangeError, typeError } from '../util/check.js';

/** wait() until one is done. */
export const FIRST_COMPLETED = 'FIRST_COMPLETED';
/** wait() until one fails, or all are done. */
export const FIRST_EXCEPTION = 'FIRST_EXCEPTION';
/** wait() until all are done. */
export const ALL_COMPLETED = 'ALL_COMPLETED';

/** When wait() comes back. */
export type ReturnWhen = typeof FIRST_COMPLETED | typeof FIRST_EXCEPTION | typeof ALL_COMPLETED;

/** What wait() takes. */
export interface WaitOptions extends AbortOptions {
  /** Milliseconds to wait for at most; null for ever. No error comes of it. */
  timeout?: number | null;
  /** When to end; by default when all are done. */
  returnWhen?: ReturnWhen;
}

/** What wait() gives. */
export interface WaitResult<F> {
  /** Those that are done. */
  done: Set<F>;
  /** Those that are not. */
  pending: Set<F>;
}

/**
 * Waits for `futures`: asyncio.wait.
 *
 * @param futures futures or tasks; coroutines are refused, as it would not be clear which is which
 * @returns a future of the two sets
 * @throws TypeError; RangeError when there is no future or `returnWhen` is none of the three
 */
export function wait<F extends Future<never> | Future>(
  futures: Iterable<F>,
  options?: WaitOptions,
): Future<WaitResult<F>> {
  const all = new Set<F>(checkFutures(futures));
  checkAbortOptions(options);
  const { timeout = null, returnWhen = ALL_COMPLETED } = options ?? {};
  if (timeout !== null) checkNumber('timeout', timeout);
  if (![FIRST_COMPLETED, FIRST_EXCEPTION, ALL_COMPLETED].includes(returnWhen)) {
    throw rangeError('returnWhen', 'FIRST_COMPLETED, FIRST_EXCEPTION or ALL_COMPLETED', returnWhen);
  }
  const [first] = all;
  if (first === undefined) throw rangeError('futures', 'one future or more', futures);
  const loop = first._loop;
  const body = waitBody(loop, all, timeout, returnWhen);
  return cancelOnAbort(new Operation<WaitResult<F>>(loop, body, all as Set<Future>), options);
}

function checkFutures<F>(futures: Iterable<F>): F[] {
  const expected = 'an iterable of futures';
  if (typeof futures !== 'object' || futures === null || isFuture(futures)) {
    throw typeError('futures', expected, futures);
  }
  if (typeof futures[Symbol.iterator] !== 'function') throw typeError('futures', expected, futures);
  const all = [...futures];
  for (const [index, future] of all.entries()) {
    if (isFuture(future)) continue;
    const what = 'a future or a task (use createTask() or ensureFuture())';
    throw typeError(`futures[${index}]`, what, future);
  }
  return all;
}

function* waitBody<F extends Future<never> | Future>(
  loop: Scheduler,
  futures: Set<F>,
  timeout: number | null,
  returnWhen: ReturnWhen,
): OperationBody<WaitResult<F>> {
  const release = new Future<void>({ loop });
  const finish = () => release.done() || release.setResult();
  let left = futures.size;
  const isEnough = (future: F) =>
    --left === 0 ||
    returnWhen === FIRST_COMPLETED ||
    (returnWhen === FIRST_EXCEPTION && !future.cancelled() && future.exception() !== null);
  const watches = [...futures].map((future) => ({
    future,
    run: () => void (isEnough(future) && finish()),
  }));
  for (const watch of watches) watch.future._addWaiting(watch);
  const timer = timeout === null ? null : loop.callLater(timeout, finish);
  try {
    yield* release;
  } finally {
    timer?.cancel();
    for (const watch of watches) watch.future._removeWaiting(watch);
  }
  const result: WaitResult<F> = { done: new Set(), pending: new Set() };
  for (const future of futures) (future.done() ? result.done : result.pending).add(future);
  return result;
}
