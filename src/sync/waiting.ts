/**
 * Waiting for several things at once: asyncio.gather.
 *
 * Results keep the order of the arguments. Cancelling the outer future cancels every child that is
 * not done; a child's failure is passed on once and leaves the other children running.
 */

import { type AbortOptions, cancelOnAbort } from '../core/abort.js';
import type { Coroutine, CoroutineGenerator } from '../core/coroutines.js';
import { ensureFuture } from '../core/ensure_future.js';
import { CancelledError } from '../core/exceptions.js';
import { Future } from '../core/futures.js';
import { defaultLoop } from '../core/running.js';
import type { Scheduler } from '../core/scheduler.js';
import { checkBoolean, checkOptions, typeError } from '../util/check.js';

/** What gather and its relatives take: a future, a coroutine, a generator or a promise. */
export type Waitable<T = unknown> = PromiseLike<T> | Coroutine<T> | CoroutineGenerator<T>;

type ResultOf<W> =
  W extends PromiseLike<infer R> ? Awaited<R> : W extends CoroutineGenerator<infer R> ? R : never;

export interface GatherOptions extends AbortOptions {
  /** Failures become results instead of failing the whole. */
  returnExceptions?: boolean;
}

class Gathering<T> extends Future<T> {
  readonly #children: readonly Future[];
  #cancelRequested = false;

  constructor(loop: Scheduler, children: readonly Future[]) {
    super({ loop });
    this.#children = children;
  }

  get cancelRequested(): boolean {
    return this.#cancelRequested;
  }

  override cancel(message?: unknown): boolean {
    if (this.done()) return false;
    let cancelled = false;
    for (const child of this.#children) cancelled = child.cancel(message) || cancelled;
    // Only what came of it is reported: a child may swallow its cancellation.
    if (cancelled) this.#cancelRequested = true;
    return cancelled;
  }
}

/**
 * Runs all of `awaitables` at the same time: asyncio.gather.
 *
 * @returns a future of their results, in order
 * @throws TypeError when a member cannot be awaited
 */
export function gather<const W extends readonly Waitable[]>(
  awaitables: W,
  options?: GatherOptions,
): Future<{ -readonly [K in keyof W]: ResultOf<W[K]> }> {
  type Results = { -readonly [K in keyof W]: ResultOf<W[K]> };
  if (!Array.isArray(awaitables)) throw typeError('awaitables', 'an array', awaitables);
  checkOptions(options);
  if (options?.returnExceptions !== undefined) {
    checkBoolean('returnExceptions', options.returnExceptions);
  }
  const returnExceptions = options?.returnExceptions ?? false;
  const futures = new Map<unknown, Future>();
  const children = awaitables.map((awaitable, index) => {
    const known = futures.get(awaitable);
    if (known !== undefined) return known;
    let future: Future;
    try {
      future = ensureFuture(awaitable);
    } catch {
      throw typeError(`awaitables[${index}]`, 'a future, a coroutine or a promise', awaitable);
    }
    futures.set(awaitable, future);
    return future;
  });
  const loop = children[0]?._loop ?? (defaultLoop() as Scheduler);
  const outer = new Gathering<Results>(loop, children);
  let unfinished = futures.size;
  if (unfinished === 0) outer.setResult([] as unknown as Results);
  const finish = (child: Future) => {
    unfinished--;
    if (outer.done()) {
      // Nobody will look at it any more.
      child._markRetrieved();
      return;
    }
    if (!returnExceptions) {
      const failure = failureOf(child);
      if (failure !== null) {
        outer._fail(failure);
        return;
      }
    }
    if (unfinished > 0) return;
    if (outer.cancelRequested) {
      outer._fail(
        failureOf(children.find((one) => one.cancelled()) ?? child) ?? new CancelledError(),
      );
      return;
    }
    outer.setResult(
      children.map((one) => failureOf(one) ?? (one.result() as unknown)) as unknown as Results,
    );
  };
  for (const child of futures.values()) child.addDoneCallback(finish);
  return cancelOnAbort(outer, options);
}

function failureOf(future: Future): unknown {
  try {
    return future.exception();
  } catch (cancelled) {
    return cancelled;
  }
}
