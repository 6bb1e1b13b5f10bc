/**
 * sleep(): asyncio.sleep, in milliseconds.
 *
 * Cancelling the returned future cancels its timer, so that nothing of a given-up sleep is left.
 */

import { type AbortOptions, cancelOnAbort, checkAbortOptions } from '../core/abort.js';
import { Future } from '../core/futures.js';
import { defaultLoop } from '../core/running.js';
import type { Scheduler } from '../core/scheduler.js';
import type { Timed } from '../core/timers.js';
import { Yielded } from '../core/yielded.js';
import { checkNumber } from '../util/check.js';

/** Waits among the loop's timers itself. */
class Sleep<T> extends Future<T> implements Timed {
  readonly _when: number;
  _sequence = 0;
  _scheduled = false;
  readonly #result: T;

  constructor(loop: Scheduler, delay: number, result: T) {
    super({ loop });
    loop._checkClosed();
    this._when = loop.time() + delay;
    this.#result = result;
    loop._addTimer(this);
  }

  run(): void {
    if (!this.done()) this.setResult(this.#result);
  }

  override cancel(message?: unknown): boolean {
    if (this._scheduled) this._loop._timerCancelled(this);
    return super.cancel(message);
  }
}

/**
 * A future that is done after `delay` milliseconds, fractions included; 0 or less gives the loop one
 * batch: asyncio.sleep. Its result is `result`.
 *
 * @param delay in milliseconds
 * @returns a future; cancelling it, or `signal`, gives the sleep up
 * @throws TypeError or RangeError
 */
export function sleep(delay: number): Future<void>;
export function sleep<T>(delay: number, result: T, options?: AbortOptions): Future<T>;
export function sleep<T>(delay: number, result?: T, options?: AbortOptions): Future<T | undefined> {
  checkNumber('delay', delay);
  checkAbortOptions(options);
  const loop = defaultLoop();
  if (delay <= 0 && options?.signal === undefined) return new Yielded(loop, result);
  return cancelOnAbort(new Sleep(loop, Math.max(delay, 0), result), options);
}
