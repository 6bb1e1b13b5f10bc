/**
 * Giving the loop one batch: what a bare `yield` is to asyncio, and sleep(0).
 *
 * The future is done from the start, yet whoever awaits it goes on in the next batch, and a
 * cancellation that came in between is thrown there.
 */

import type { Resumption } from './awaiter.js';
import { Future } from './futures.js';
import type { Scheduler } from './scheduler.js';
import { noteAwait } from './stacks.js';

export class Yielded<T> extends Future<T> {
  constructor(loop: Scheduler, result: T) {
    super({ loop });
    this.setResult(result);
  }

  override _resumeDone(awaiter: Resumption): void {
    this._loop._enqueue(awaiter);
  }

  override [Symbol.iterator](): Generator<unknown, T, unknown> {
    if (this._loop.getDebug()) noteAwait();
    return new YieldedIterator(this) as unknown as Generator<unknown, T, unknown>;
  }
}

/** Gives way once. */
class YieldedIterator<T> {
  readonly #yielded: Yielded<T>;
  #resumed = false;

  constructor(yielded: Yielded<T>) {
    this.#yielded = yielded;
  }

  next(): IteratorResult<unknown, T> {
    if (this.#resumed) return { done: true, value: this.#yielded.result() };
    this.#resumed = true;
    return { done: false, value: undefined };
  }

  throw(error: unknown): never {
    throw error;
  }
}
