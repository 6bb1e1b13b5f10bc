/**
 * asyncio.Semaphore and BoundedSemaphore: a number of permits, given out in the order of asking.
 *
 * A permit that is released while someone waits is promised to the first of them at once.
 * Invariant: permits that are free, promised and held add up; a promise that finds its waiter
 * cancelled is a free permit again, and free permits are promised as long as someone waits.
 */

import type { AbortOptions } from '../core/abort.js';
import type { Future } from '../core/futures.js';
import { Operation, type OperationBody } from '../core/operation.js';
import type { Scheduler } from '../core/scheduler.js';
import { finished } from '../core/settled.js';
import { checkInteger } from '../util/check.js';
import { Acquirable, Guard } from './acquirable.js';
import { abortable } from './calling.js';
import { Waiters } from './waiters.js';

/** So many tasks at a time: asyncio.Semaphore. */
export class Semaphore extends Acquirable {
  /** Permits that are neither held nor promised. */
  #value: number;
  readonly #waiters = new Waiters();

  /**
   * @param value how many permits there are at first
   * @throws TypeError or RangeError
   */
  constructor(value = 1) {
    super();
    checkInteger('value', value, 0, Number.MAX_SAFE_INTEGER);
    this.#value = value;
  }

  /** Whether acquire() would have to wait: no permit is free, or others came first. */
  override locked(): boolean {
    return this.#value === 0 || !this.#waiters.allCancelled();
  }

  /**
   * Waits for a permit and takes it.
   *
   * @param options `signal` gives up the waiting
   * @returns a future of a guard: `using _ = await semaphore.acquire()` releases at the end of the block
   * @throws TypeError; the future fails with RuntimeError when the semaphore belongs to another loop
   */
  override acquire(options?: AbortOptions): Future<Guard> {
    return abortable(options, (loop) => {
      if (this.locked()) return new Operation(loop, this.#acquire(loop));
      this.#value--;
      return finished(loop, new Guard(this));
    });
  }

  /** Gives back a permit, or adds one. */
  override release(): void {
    this.#value++;
    this.#wakeNext();
  }

  protected get _value(): number {
    return this.#value;
  }

  protected override _describe(): string {
    const state = this.locked() ? 'locked' : `unlocked, value:${this.#value}`;
    return `[${state}${this.#waiters.describe()}]`;
  }

  *#acquire(loop: Scheduler): OperationBody<Guard> {
    this._bind(loop);
    const waiter = this.#waiters.add(loop);
    try {
      yield* waiter;
    } catch (error) {
      if (!waiter.cancelled()) this.#value++;
      throw error;
    } finally {
      this.#waiters.remove(waiter);
      // Permits may have come back that nobody could be given while this one was first.
      while (this.#value > 0 && this.#wakeNext());
    }
    return new Guard(this);
  }

  /** Promises a permit to the first who waits; false when nobody does. */
  #wakeNext(): boolean {
    if (this.#waiters.wakeNext() === null) return false;
    this.#value--;
    return true;
  }
}

/** A semaphore that refuses more releases than acquisitions: asyncio.BoundedSemaphore. */
export class BoundedSemaphore extends Semaphore {
  readonly #bound: number;

  /** With so many permits, 1 by default. */
  constructor(value = 1) {
    super(value);
    this.#bound = value;
  }

  /** @throws RangeError when all permits are free already */
  override release(): void {
    if (this._value >= this.#bound) {
      throw new RangeError('BoundedSemaphore released too many times');
    }
    super.release();
  }
}
