/**
 * gather(): asyncio.gather, the results of several awaitables in their order.
 *
 * Cancelling the outer future cancels every child that is not done; a child's failure is passed on
 * once and leaves the other children running.
 */

import { type AbortOptions, cancelOnAbort, checkAbortOptions } from '../core/abort.js';
import type { Coroutine, CoroutineGenerator } from '../core/coroutines.js';
import { checkAwaitable, ensureFuture } from '../core/ensure_future.js';
import type { Runnable } from '../core/events.js';
import { cancelledError } from '../core/exceptions.js';
import { Future } from '../core/futures.js';
import { defaultLoop } from '../core/running.js';
import type { Scheduler } from '../core/scheduler.js';
import { checkBoolean, typeError } from '../util/check.js';

/** What gather and its relatives take: a future, a coroutine, a generator or a promise. */
export type Waitable<T = unknown> = PromiseLike<T> | Coroutine<T> | CoroutineGenerator<T>;

/** What awaiting gives. */
export type ResultOf<W> =
  W extends PromiseLike<infer R> ? Awaited<R> : W extends CoroutineGenerator<infer R> ? R : never;

/** What gather() takes. */
export interface GatherOptions extends AbortOptions {
  /** Failures become results instead of failing the whole. */
  returnExceptions?: boolean;
}

/**
 * Runs all of `awaitables` at the same time: asyncio.gather.
 *
 * @returns a future of their results, in order; without `returnExceptions` it fails with the first error, while the others go
 *   on. Cancelling it cancels them all
 * @throws TypeError when a member cannot be awaited
 */
export function gather<const W extends readonly Waitable[]>(
  awaitables: W,
  options?: GatherOptions,
): Future<{ -readonly [K in keyof W]: ResultOf<W[K]> }> {
  if (!Array.isArray(awaitables)) throw typeError('awaitables', 'an array', awaitables);
  checkAbortOptions(options);
  if (options?.returnExceptions !== undefined) {
    checkBoolean('returnExceptions', options.returnExceptions);
  }
  for (const [index, awaitable] of awaitables.entries()) {
    checkAwaitable(`awaitables[${index}]`, awaitable);
  }
  const futures = new Map<unknown, Future>();
  const children = awaitables.map((awaitable) => {
    let future = futures.get(awaitable);
    if (future === undefined) {
      future = ensureFuture(awaitable);
      futures.set(awaitable, future);
    }
    return future;
  });
  const loop = children[0]?._loop ?? defaultLoop();
  const outer = new Gathering(loop, children, options?.returnExceptions ?? false);
  outer.watch(futures.values());
  return cancelOnAbort(outer, options) as unknown as Future<never>;
}

class Gathering extends Future<unknown[]> {
  readonly #children: readonly Future[];
  readonly #returnExceptions: boolean;
  #unfinished = 0;
  #cancelRequest: { message: unknown } | null = null;

  constructor(loop: Scheduler, children: readonly Future[], returnExceptions: boolean) {
    super({ loop });
    this.#children = children;
    this.#returnExceptions = returnExceptions;
  }

  /** Begins to wait for the children, each given once. Those that are done count at once. */
  watch(children: Iterable<Future>): void {
    const done: Future[] = [];
    for (const child of children) {
      this.#unfinished++;
      if (child.done()) done.push(child);
      else child._addWaiting(new Member(this, child));
    }
    if (this.#unfinished === 0) this.setResult([]);
    for (const child of done) this.childDone(child);
  }

  override cancel(message?: unknown): boolean {
    if (this.done()) return false;
    let cancelled = false;
    for (const child of this.#children) cancelled = child.cancel(message) || cancelled;
    // Only what came of it is reported: a child may swallow its cancellation.
    if (cancelled) this.#cancelRequest = { message };
    return cancelled;
  }

  override *_awaits(): Iterable<Future> {
    if (!this.done()) yield* this.#children;
  }

  childDone(child: Future): void {
    this.#unfinished--;
    if (this.done()) {
      // Nobody will look at it any more.
      child._markRetrieved();
      return;
    }
    const failure = this.#returnExceptions ? null : failureOf(child);
    if (failure !== null) this._fail(failure);
    else if (this.#unfinished === 0) this.#finish();
  }

  #finish(): void {
    // Looks at all of them, also when cancelled: nobody else will.
    const results = this.#children.map((child) => {
      const failure = failureOf(child);
      return failure === null ? child.result() : failure;
    });
    if (this.#cancelRequest !== null) {
      const cancelled = this.#children.at(-1)?.cancelled() === true;
      this._fail(cancelled ? results.at(-1) : cancelledError(this.#cancelRequest.message));
    } else {
      this.setResult(results);
    }
  }
}

/** What waits for one child. */
class Member implements Runnable {
  readonly #gathering: Gathering;
  readonly #child: Future;

  constructor(gathering: Gathering, child: Future) {
    this.#gathering = gathering;
    this.#child = child;
  }

  run(): void {
    this.#gathering.childDone(this.#child);
  }
}

function failureOf(future: Future): unknown {
  try {
    return future.exception();
  } catch (cancelled) {
    return cancelled;
  }
}
