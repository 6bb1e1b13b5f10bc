/**
 * `yield*` of a future: what makes it awaitable inside a generator, as asyncio's Future.__await__.
 *
 * An object of two methods and not a generator, because the optimising compiler can do away with it.
 */

import type { Future } from './futures.js';

/** Suspends while the future is pending, then gives its result. */
export class FutureIterator<T> {
  readonly #future: Future<T>;

  constructor(future: Future<T>) {
    this.#future = future;
  }

  next(): IteratorResult<unknown, T> {
    const future = this.#future;
    return future.done() ? { done: true, value: future.result() } : { done: false, value: future };
  }

  throw(error: unknown): never {
    throw error;
  }
}
