/**
 * A promise that is none of ours, as a Future: what a generator yields, what ensureFuture() is given.
 *
 * Cancelling the future leaves the promise alone: nothing can be thrown into it. The promise is followed from
 * the moment of the call, so that its rejection is never unhandled.
 */

import { Future, type FutureOptions } from './futures.js';

export class Foreign<T> extends Future<T> {
  constructor(promise: PromiseLike<T>, options?: FutureOptions) {
    super(options);
    promise.then(
      (result) => this.done() || this.setResult(result),
      (error) => this.done() || this._fail(error),
    );
  }
}
