/**
 * asyncio.Lock: one holder at a time, and those who wait get it in the order in which they came.
 *
 * A release wakes the first waiter, which takes the lock in its own turn; until then nobody else gets it.
 * Invariant: while the lock is free and someone waits, the first of them has a turn coming, and one that
 * was cancelled there wakes the next.
 */

import type { AbortOptions } from '../core/abort.js';
import { RuntimeError } from '../core/exceptions.js';
import type { Future } from '../core/futures.js';
import { Operation, type OperationBody } from '../core/operation.js';
import type { Scheduler } from '../core/scheduler.js';
import { finished } from '../core/settled.js';
import { Acquirable, Guard } from './acquirable.js';
import { abortable } from './calling.js';
import { Waiters } from './waiters.js';

/** One task at a time: asyncio.Lock. */
export class Lock extends Acquirable {
  #locked = false;
  readonly #waiters = new Waiters();

  override locked(): boolean {
    return this.#locked;
  }

  /**
   * Waits for the lock and takes it.
   *
   * @param options `signal` gives up the waiting
   * @returns a future of a guard: `using _ = await lock.acquire()` releases at the end of the block
   * @throws TypeError; the future fails with RuntimeError when the lock belongs to another loop
   */
  override acquire(options?: AbortOptions): Future<Guard> {
    return abortable(options, (loop) => {
      if (!this.#isFree()) return new Operation(loop, this._acquire(loop));
      this.#locked = true;
      return finished(loop, new Guard(this));
    });
  }

  /**
   * Gives the lock to the first who waits, or leaves it free.
   *
   * @throws RuntimeError when it is not locked
   */
  override release(): void {
    if (!this.#locked) throw new RuntimeError('Lock is not acquired.');
    this.#locked = false;
    this.#wakeFirst();
  }

  /** acquire(), inside another operation. @internal */
  *_acquire(loop: Scheduler): OperationBody<Guard> {
    if (!this.#isFree()) {
      this._bind(loop);
      const waiter = this.#waiters.add(loop);
      try {
        yield* waiter;
      } catch (error) {
        this.#waiters.remove(waiter);
        if (!this.#locked) this.#wakeFirst();
        throw error;
      }
      this.#waiters.remove(waiter);
    }
    this.#locked = true;
    return new Guard(this);
  }

  protected override _describe(): string {
    return `[${this.#locked ? 'locked' : 'unlocked'}${this.#waiters.describe()}]`;
  }

  /** Nobody holds it, and it is promised to nobody. */
  #isFree(): boolean {
    return !this.#locked && this.#waiters.allCancelled();
  }

  /** A first waiter that is done has its turn coming, and takes the lock or calls this again. */
  #wakeFirst(): void {
    if (this.#waiters.first?.done() === false) this.#waiters.wakeNext();
  }
}
