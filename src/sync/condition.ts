/**
 * asyncio.Condition: waiting, with a lock, until another holder of the lock says that something changed.
 *
 * wait() releases the lock, waits to be notified and takes the lock again, whether it was notified or
 * cancelled. Invariant: a notification is not lost: who was notified and then cancelled notifies the next,
 * which may therefore find that nothing has changed; waitFor() looks again.
 */

import type { AbortOptions } from '../core/abort.js';
import { CancelledError, RuntimeError } from '../core/exceptions.js';
import type { Future } from '../core/futures.js';
import { Operation, type OperationBody } from '../core/operation.js';
import type { Scheduler } from '../core/scheduler.js';
import { checkFunction, checkInteger, typeError } from '../util/check.js';
import { Acquirable, type Guard } from './acquirable.js';
import { abortable } from './calling.js';
import { Lock } from './locks.js';
import { Waiters } from './waiters.js';

/** Tasks wait until another says that something has changed: asyncio.Condition. */
export class Condition extends Acquirable {
  readonly #lock: Lock;
  readonly #waiters = new Waiters();

  /**
   * @param lock the lock to use, which several conditions may share; by default one of its own
   * @throws TypeError
   */
  constructor(lock: Lock = new Lock()) {
    super();
    if (!(lock instanceof Lock)) throw typeError('lock', 'a Lock', lock);
    this.#lock = lock;
  }

  override locked(): boolean {
    return this.#lock.locked();
  }

  /** Waits for the lock and takes it: see Lock.acquire(). */
  override acquire(options?: AbortOptions): Future<Guard> {
    return this.#lock.acquire(options);
  }

  /** @throws RuntimeError when the lock is not locked */
  override release(): void {
    this.#lock.release();
  }

  /**
   * Releases the lock, waits until it is notified, and takes the lock again.
   *
   * @param options `signal` gives up the waiting; the lock is taken again before the future is cancelled
   * @throws TypeError; the future fails with RuntimeError when the lock is not locked or the condition
   *   belongs to another loop
   */
  wait(options?: AbortOptions): Future<true> {
    return abortable(options, (loop) => new Operation(loop, this._wait(loop)));
  }

  /**
   * Waits until `predicate()` is truthy, and gives what it returned: asyncio's wait_for of a condition.
   *
   * @param predicate called with the lock taken, at once and after every notification
   * @param options `signal` gives up the waiting
   * @throws TypeError; the future fails as that of wait() does, and with what `predicate` throws
   */
  waitFor<T>(predicate: () => T, options?: AbortOptions): Future<T> {
    checkFunction('predicate', predicate);
    return abortable(options, (loop) => new Operation(loop, this._waitFor(loop, predicate)));
  }

  /**
   * Wakes `n` of those who wait, in the order in which they came. They go on when the lock is released.
   *
   * @throws TypeError or RangeError, or RuntimeError when the lock is not locked
   */
  notify(n = 1): void {
    checkInteger('n', n, 0, Number.MAX_SAFE_INTEGER);
    if (!this.locked()) throw new RuntimeError('cannot notify on un-acquired lock');
    this.#notify(n);
  }

  /** Wakes all who wait. @throws RuntimeError when the lock is not locked */
  notifyAll(): void {
    this.notify(this.#waiters.size);
  }

  /** wait(), inside another operation. @internal */
  *_wait(loop: Scheduler): OperationBody<true> {
    if (!this.locked()) throw new RuntimeError('cannot wait on un-acquired lock');
    this._bind(loop);
    const waiter = this.#waiters.add(loop);
    this.release();
    try {
      try {
        yield* waiter;
      } finally {
        this.#waiters.remove(waiter);
        yield* this.#acquireAgain(loop);
      }
    } catch (error) {
      // It may have been notified all the same: somebody else shall look.
      this.#notify(1);
      throw error;
    }
    return true;
  }

  /** waitFor(), inside another operation. @internal */
  *_waitFor<T>(loop: Scheduler, predicate: () => T): OperationBody<T> {
    for (;;) {
      const result = predicate();
      // A promise is truthy, so that waiting for it would never wait.
      if (typeof (result as PromiseLike<T> | null | undefined)?.then === 'function') {
        throw typeError('predicate', 'a function that does not return a promise', predicate);
      }
      if (result) return result;
      yield* this._wait(loop);
    }
  }

  /** The lock inside another operation. @internal */
  _acquire(loop: Scheduler): OperationBody<Guard> {
    return this.#lock._acquire(loop);
  }

  protected override _describe(): string {
    return `[${this.locked() ? 'locked' : 'unlocked'}${this.#waiters.describe()}]`;
  }

  /** Takes the lock however often that is cancelled, and then throws the last cancellation. */
  *#acquireAgain(loop: Scheduler): OperationBody<void> {
    let cancellation: CancelledError | null = null;
    for (;;) {
      try {
        yield* this.#lock._acquire(loop);
        break;
      } catch (error) {
        if (!(error instanceof CancelledError)) throw error;
        cancellation = error;
      }
    }
    if (cancellation !== null) throw cancellation;
  }

  #notify(n: number): void {
    for (let left = n; left > 0 && this.#waiters.wakeNext() !== null; left--);
  }
}
