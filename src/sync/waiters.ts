/**
 * Those who wait, first come first served, in a list that each of them can leave at once.
 *
 * asyncio keeps them in a deque, from which a cancelled one is removed in time linear in their number.
 * A waiter stays listed after it was woken or cancelled, until its turn in the ready queue comes: what is
 * free meanwhile is promised to it, and nobody overtakes it.
 * Invariant: every pending waiter of the list is `#pending` or comes after it.
 */

import type { Runnable } from '../core/events.js';
import { cancelledError } from '../core/exceptions.js';
import type { Awaited } from '../core/operation.js';
import type { Scheduler } from '../core/scheduler.js';

const PENDING = 0;
const WOKEN = 1;
const CANCELLED = 2;

/** What one operation waits for with `yield*`: a future's bare bones, since every hand-over needs one. */
export class Waiter implements Awaited {
  readonly #loop: Scheduler;
  #state: typeof PENDING | typeof WOKEN | typeof CANCELLED = PENDING;
  #message: unknown = undefined;
  #operation: Runnable | null = null;
  _previous: Waiter | null = null;
  _next: Waiter | null = null;
  _listed = true;

  constructor(loop: Scheduler) {
    this.#loop = loop;
  }

  done(): boolean {
    return this.#state !== PENDING;
  }

  cancelled(): boolean {
    return this.#state === CANCELLED;
  }

  wake(): void {
    this.#settle(WOKEN);
  }

  cancel(message?: unknown): boolean {
    if (this.#state !== PENDING) return false;
    this.#message = message;
    this.#settle(CANCELLED);
    return true;
  }

  _addWaiting(operation: Runnable): void {
    this.#operation = operation;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<unknown, void> {
    if (this.#state === PENDING) return { done: false, value: this };
    if (this.#state === CANCELLED) throw cancelledError(this.#message);
    return { done: true, value: undefined };
  }

  throw(error: unknown): IteratorResult<unknown, void> {
    throw error;
  }

  #settle(state: typeof WOKEN | typeof CANCELLED): void {
    this.#state = state;
    if (this.#operation !== null) this.#loop._enqueue(this.#operation);
  }
}

export class Waiters {
  #first: Waiter | null = null;
  #last: Waiter | null = null;
  #pending: Waiter | null = null;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): Waiter | null {
    return this.#first;
  }

  /** Adds one at the end. */
  add(loop: Scheduler): Waiter {
    const waiter = new Waiter(loop);
    waiter._previous = this.#last;
    if (this.#last === null) this.#first = waiter;
    else this.#last._next = waiter;
    this.#last = waiter;
    this.#pending ??= waiter;
    this.#size++;
    return waiter;
  }

  /** Takes `waiter` off the list, if it is still there. */
  remove(waiter: Waiter): void {
    if (!waiter._listed) return;
    waiter._listed = false;
    const { _previous: previous, _next: next } = waiter;
    if (previous === null) this.#first = next;
    else previous._next = next;
    if (next === null) this.#last = previous;
    else next._previous = previous;
    if (this.#pending === waiter) this.#pending = next;
    this.#size--;
  }

  /** Wakes the first that is still waiting, and returns it; null when there is none. */
  wakeNext(): Waiter | null {
    let waiter = this.#pending;
    while (waiter?.done()) waiter = waiter._next;
    this.#pending = waiter?._next ?? null;
    waiter?.wake();
    return waiter;
  }

  /** Whether everyone on the list has given up. */
  allCancelled(): boolean {
    let waiter = this.#first;
    while (waiter?.cancelled()) waiter = waiter._next;
    return waiter === null;
  }

  /** ', waiters:2', or nothing when nobody waits. */
  describe(): string {
    return this.#size === 0 ? '' : `, waiters:${this.#size}`;
  }
}
