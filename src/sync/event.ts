/**
 * asyncio.Event: a flag that can be waited for.
 *
 * set() wakes everyone who waits at that moment; a clear() that follows at once does not take that back.
 */

import type { AbortOptions } from '../core/abort.js';
import type { Future } from '../core/futures.js';
import { Operation, type OperationBody } from '../core/operation.js';
import type { Scheduler } from '../core/scheduler.js';
import { finished } from '../core/settled.js';
import { abortable } from './calling.js';
import { LoopBound } from './loop_bound.js';
import { Waiters } from './waiters.js';

/** A flag that tasks wait for: asyncio.Event. */
export class Event extends LoopBound {
  #value = false;
  readonly #waiters = new Waiters();

  /** Whether it is set. */
  isSet(): boolean {
    return this.#value;
  }

  /** Sets the flag and wakes all who wait for it. */
  set(): void {
    if (this.#value) return;
    this.#value = true;
    while (this.#waiters.wakeNext() !== null);
  }

  /** Resets the flag: wait() waits again. */
  clear(): void {
    this.#value = false;
  }

  /**
   * Waits until the flag is set.
   *
   * @param options `signal` gives up the waiting
   * @throws TypeError; the future fails with RuntimeError when the event belongs to another loop
   */
  wait(options?: AbortOptions): Future<true> {
    return abortable(options, (loop) => {
      if (this.#value) return finished<true>(loop, true);
      return new Operation(loop, this._wait(loop));
    });
  }

  /** wait(), inside another operation. @internal */
  *_wait(loop: Scheduler): OperationBody<true> {
    if (this.#value) return true;
    this._bind(loop);
    const waiter = this.#waiters.add(loop);
    try {
      yield* waiter;
      return true;
    } finally {
      this.#waiters.remove(waiter);
    }
  }

  protected override _describe(): string {
    return `[${this.#value ? 'set' : 'unset'}${this.#waiters.describe()}]`;
  }
}
