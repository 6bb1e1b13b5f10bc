/**
 * Futures that one event ends: what drain(), waitClosed() and Process.wait() wait for.
 *
 * Invariant: a waiter that is given up is forgotten at once, however long the event takes.
 */

import { Future } from '../core/futures.js';
import type { Scheduler } from '../core/scheduler.js';

export class EventWaiters<T> {
  readonly #waiting = new Set<Future<T>>();

  add(loop: Scheduler): Future<T> {
    const waiter = new Waiter(loop, this.#waiting);
    this.#waiting.add(waiter);
    return waiter;
  }

  /** Ends them with `result`. */
  release(result: T): void {
    for (const waiter of this.#take()) waiter.setResult(result);
  }

  /** Fails them. */
  fail(exception: Error): void {
    for (const waiter of this.#take()) waiter.setException(exception);
  }

  #take(): Future<T>[] {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    return waiting;
  }
}

class Waiter<T> extends Future<T> {
  readonly #waiting: Set<Future<T>>;

  constructor(loop: Scheduler, waiting: Set<Future<T>>) {
    super({ loop });
    this.#waiting = waiting;
  }

  override cancel(message?: unknown): boolean {
    this.#waiting.delete(this);
    return super.cancel(message);
  }
}
