/**
 * The timers of a loop, the earliest first: the heap in asyncio's BaseEventLoop._scheduled.
 *
 * A cancelled timer leaves when it reaches the top; earlier when the cancelled are many. Equal times keep the
 * order in which they were added.
 */

import { Heap } from '../util/heap.js';
import type { Runnable } from './events.js';

/** What may wait here: a TimerHandle, or a future that is done at a time. */
export interface Timed extends Runnable {
  /** In milliseconds of loop.time(). */
  readonly _when: number;
  /** Order among equal times; given here. */
  _sequence: number;
  /** Whether the queue holds it; kept here. */
  _scheduled: boolean;
  cancelled(): boolean;
}

// Cancelled timers leave early when they are this many and more than half of the heap.
const CANCELLED_KEPT = 100;

export class TimerQueue {
  readonly #heap = new Heap<Timed>(
    (left, right) =>
      left._when < right._when || (left._when === right._when && left._sequence < right._sequence),
  );
  #sequence = 0;
  #cancelled = 0;

  add(timer: Timed): void {
    timer._sequence = this.#sequence++;
    timer._scheduled = true;
    this.#heap.push(timer);
  }

  /** A timer that the queue holds is being cancelled. */
  cancel(timer: Timed): void {
    timer._scheduled = false;
    this.#cancelled++;
    if (this.#cancelled > CANCELLED_KEPT && this.#cancelled * 2 > this.#heap.size) {
      this.#heap.retain((other) => other._scheduled);
      this.#cancelled = 0;
    }
  }

  /** The earliest time; undefined when there is no timer. */
  next(): number | undefined {
    for (;;) {
      const timer = this.#heap.peek();
      if (timer === undefined || timer._scheduled) return timer?._when;
      this.#heap.pop();
      this.#cancelled--;
    }
  }

  /** Takes the earliest timer out, if its time is not after `due`. */
  takeDue(due: number): Timed | undefined {
    const when = this.next();
    if (when === undefined || when > due) return undefined;
    const timer = this.#heap.pop() as Timed;
    timer._scheduled = false;
    return timer;
  }

  /** How many are pending. */
  get size(): number {
    return this.#heap.size - this.#cancelled;
  }

  get isEmpty(): boolean {
    return this.#heap.size === 0;
  }

  clear(): void {
    this.#heap.clear();
    this.#cancelled = 0;
  }
}
