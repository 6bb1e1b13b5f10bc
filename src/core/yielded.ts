/**
 * Giving the loop one batch: what a bare `yield` is to asyncio, and sleep(0).
 *
 * The future is done from the start, yet whoever awaits it goes on in the next batch, and a
 * cancellation that came in between is thrown there.
 */

import type { Resumption } from './awaiter.js';
import { Future } from './futures.js';
import type { Scheduler } from './scheduler.js';

export class Yielded<T> extends Future<T> {
  constructor(loop: Scheduler, result: T) {
    super({ loop });
    this.setResult(result);
  }

  protected override _resumeDone(awaiter: Resumption): void {
    this._loop._enqueue(awaiter);
  }

  override *[Symbol.iterator](): Generator<unknown, T, unknown> {
    yield;
    return this.result();
  }
}
