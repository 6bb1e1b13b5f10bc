/**
 * sleep(): asyncio.sleep, in milliseconds.
 *
 * Cancelling the returned future cancels its timer, so that nothing of a given-up sleep is left.
 */

import { type AbortOptions, cancelOnAbort } from '../core/abort.js';
import type { TimerHandle } from '../core/events.js';
import { Future } from '../core/futures.js';
import { defaultLoop } from '../core/running.js';
import type { Scheduler } from '../core/scheduler.js';
import { Yielded } from '../core/yielded.js';
import { checkNumber, checkOptions } from '../util/check.js';

class Sleep<T> extends Future<T> {
  readonly #timer: TimerHandle;

  constructor(loop: Scheduler, delay: number, result: T) {
    super({ loop });
    this.#timer = loop.callLater(delay, () => {
      if (!this.done()) this.setResult(result);
    });
  }

  override cancel(message?: unknown): boolean {
    this.#timer.cancel();
    return super.cancel(message);
  }
}

/**
 * A future that is done after `delay` milliseconds, fractions included; 0 or less gives the loop one
 * batch. Its result is `result`.
 *
 * @throws TypeError or RangeError
 */
export function sleep(delay: number): Future<void>;
export function sleep<T>(delay: number, result: T, options?: AbortOptions): Future<T>;
export function sleep<T>(delay: number, result?: T, options?: AbortOptions): Future<T | undefined> {
  checkNumber('delay', delay);
  checkOptions(options);
  const loop = defaultLoop() as Scheduler;
  if (delay <= 0 && options?.signal === undefined) return new Yielded(loop, result);
  return cancelOnAbort(new Sleep(loop, Math.max(delay, 0), result), options);
}
