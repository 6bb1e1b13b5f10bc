/**
 * asCompleted(): asyncio.as_completed, results in the order in which they come.
 *
 * `for await` gives the futures themselves, each when it is done. A plain `for` gives futures of the next result each.
 * When the time is over, whoever still waits gets a TimeoutError; what was not done goes on.
 */

import { type AbortOptions, cancelOnAbort, checkAbortOptions } from '../core/abort.js';
import type { Coroutine, CoroutineGenerator } from '../core/coroutines.js';
import { checkAwaitable, ensureFuture } from '../core/ensure_future.js';
import type { TimerHandle } from '../core/events.js';
import { TimeoutError } from '../core/exceptions.js';
import type { Future } from '../core/futures.js';
import { Operation, type OperationBody } from '../core/operation.js';
import { defaultLoop } from '../core/running.js';
import type { Scheduler } from '../core/scheduler.js';
import type { Task } from '../core/tasks.js';
import { checkNumber, typeError } from '../util/check.js';
import { Deque } from '../util/deque.js';
import type { ResultOf, Waitable } from './gathering.js';
import { Waiters } from './waiters.js';

/** What asCompleted() takes. */
export interface AsCompletedOptions extends AbortOptions {
  /** Milliseconds for all of them together; null for ever. */
  timeout?: number | null;
}

/** What `for await` gives for a member: itself when it is a future, else the task or future made for it. */
export type FutureOf<W> =
  W extends Future<infer _>
    ? W
    : W extends Coroutine<infer _> | CoroutineGenerator<infer _>
      ? Task<ResultOf<W>>
      : Future<ResultOf<W>>;

/** What asCompleted() returns; it can be iterated once, in either way. */
export class AsCompleted<W> implements AsyncIterableIterator<FutureOf<W>> {
  readonly #loop: Scheduler;
  readonly #signal: AbortOptions;
  readonly #pending = new Map<Future, { run(): void }>();
  /** Done and not given out, in order. */
  readonly #done = new Deque<Future>();
  /** Woken one for each future that is done; all of them when the time is over. */
  readonly #waiters = new Waiters();
  readonly #timer: TimerHandle | null = null;
  #expired = false;
  /** How many may still be asked for. */
  #left: number;
  /** How many were asked for and are not there. */
  #wanted = 0;

  /** Made by asCompleted(). @internal */
  constructor(loop: Scheduler, futures: Set<Future>, timeout: number | null, signal: AbortOptions) {
    this.#loop = loop;
    this.#signal = signal;
    this.#left = futures.size;
    for (const future of futures) {
      const watch = { run: () => this.#futureDone(future) };
      this.#pending.set(future, watch);
      future._addWaiting(watch);
    }
    if (timeout !== null && futures.size > 0) {
      this.#timer = loop.callLater(timeout, () => this.#expire());
    }
  }

  /** Futures of the next result each: `for (const next of asCompleted(…)) await next`. */
  *[Symbol.iterator](): Generator<Future<ResultOf<W>>, void, void> {
    try {
      while (this.#left > 0) yield this.#take((future) => future.result() as ResultOf<W>);
    } finally {
      this.#end();
    }
  }

  /** The futures themselves, in the order in which they are done. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next future that is done. */
  async next(): Promise<IteratorResult<FutureOf<W>, undefined>> {
    if (this.#left === 0) return { done: true, value: undefined };
    // In a box, since a promise of a future would wait for that too.
    const { future } = await this.#take((done) => ({ future: done }));
    return { done: false, value: future as FutureOf<W> };
  }

  /** Ends the iteration early; what is not done goes on. */
  async return(): Promise<IteratorResult<FutureOf<W>, undefined>> {
    this.#end();
    return { done: true, value: undefined };
  }

  #take<R>(give: (future: Future) => R): Future<R> {
    this.#left--;
    const awaits = [...this.#pending.keys()];
    return cancelOnAbort(new Operation(this.#loop, this.#next(give), awaits), this.#signal);
  }

  *#next<R>(give: (future: Future) => R): OperationBody<R> {
    this.#wanted++;
    try {
      while (this.#done.size === 0 && !this.#expired) yield* this.#turn();
      const future = this.#done.shift();
      if (future === undefined) throw new TimeoutError();
      return give(future);
    } finally {
      this.#wanted--;
      this.#stopUnwanted();
    }
  }

  *#turn(): OperationBody<void> {
    const waiter = this.#waiters.add(this.#loop);
    try {
      yield* waiter;
    } catch (error) {
      // Woken and cancelled at once: somebody else has to take what we were woken for.
      if (!waiter.cancelled()) this.#waiters.wakeNext();
      throw error;
    } finally {
      this.#waiters.remove(waiter);
    }
  }

  #futureDone(future: Future): void {
    if (!this.#pending.delete(future)) return;
    this.#done.push(future);
    this.#waiters.wakeNext();
    if (this.#pending.size === 0) this.#timer?.cancel();
  }

  #expire(): void {
    this.#expired = true;
    this.#stopWatching();
    while (this.#waiters.wakeNext() !== null);
  }

  /** Nothing more will be asked for. */
  #end(): void {
    this.#left = 0;
    this.#stopUnwanted();
  }

  #stopUnwanted(): void {
    if (this.#left === 0 && this.#wanted === 0) this.#stopWatching();
  }

  #stopWatching(): void {
    this.#timer?.cancel();
    for (const [future, watch] of this.#pending) future._removeWaiting(watch);
    this.#pending.clear();
  }
}

/**
 * The results of `awaitables` in the order in which they come: asyncio.as_completed.
 *
 * @returns an iterator: `for await (const future of …)` gives the futures, each when it is done; `for (const
 * next of …)` gives futures of the next result. Either throws TimeoutError when the time is over.
 * @throws TypeError when a member cannot be awaited
 */
export function asCompleted<W extends Waitable>(
  awaitables: Iterable<W>,
  options?: AsCompletedOptions,
): AsCompleted<W> {
  const given = awaitables as Partial<Iterable<W>> & { then?: unknown };
  if (typeof given?.[Symbol.iterator] !== 'function' || typeof given.then === 'function') {
    throw typeError('awaitables', 'an iterable of awaitables', awaitables);
  }
  checkAbortOptions(options);
  const timeout = options?.timeout ?? null;
  if (timeout !== null) checkNumber('timeout', timeout);
  const different = [...new Set(awaitables)];
  for (const [index, awaitable] of different.entries()) {
    checkAwaitable(`awaitables[${index}]`, awaitable);
  }
  const futures = new Set<Future>(different.map((awaitable) => ensureFuture(awaitable)));
  const [first] = futures;
  const loop = first?._loop ?? defaultLoop();
  return new AsCompleted<W>(loop, futures, timeout, { signal: options?.signal });
}
