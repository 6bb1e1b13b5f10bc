/**
 * asyncio.Queue: items from those who put to those who get, with an upper bound, in order.
 *
 * An item or a free place wakes the first who waits for it, which looks again in its own turn, since
 * somebody who does not wait may have been faster. Invariant: as long as there are items (or places)
 * that nobody was woken for, nobody waits for one; who is cancelled after it was woken wakes the next.
 */

import type { AbortOptions } from '../core/abort.js';
import type { Future } from '../core/futures.js';
import { Operation, type OperationBody } from '../core/operation.js';
import { defaultLoop } from '../core/running.js';
import type { Scheduler } from '../core/scheduler.js';
import { finished, finishedEmpty } from '../core/settled.js';
import { checkBoolean, checkNumber } from '../util/check.js';
import { Deque } from '../util/deque.js';
import { repr } from '../util/format.js';
import { abortable } from './calling.js';
import { Event } from './event.js';
import { LoopBound } from './loop_bound.js';
import { QueueEmpty, QueueFull, QueueShutDown } from './queue_errors.js';
import { Waiters } from './waiters.js';

/** What keeps the items of a queue, and in which order they leave. */
export interface ItemStore<T> extends Iterable<T> {
  readonly size: number;
  push(item: T): void;
  /** Removes the next item; there is one. */
  shift(): T | undefined;
}

/** First in, first out: asyncio.Queue. */
export class Queue<T = unknown> extends LoopBound implements AsyncIterable<T> {
  readonly #maxsize: number;
  readonly #items: ItemStore<T>;
  readonly #getters = new Waiters();
  readonly #putters = new Waiters();
  #unfinished = 0;
  readonly #finished = new Event();
  #isShutDown = false;

  /**
   * @param maxsize how many items the queue takes; 0 or less for any number
   * @throws TypeError or RangeError
   */
  constructor(maxsize?: number);
  /** @internal */
  constructor(maxsize: number | undefined, items: ItemStore<T>);
  constructor(maxsize = 0, items: ItemStore<T> = new Deque()) {
    super();
    checkNumber('maxsize', maxsize);
    this.#maxsize = maxsize;
    this.#items = items;
    this.#finished.set();
  }

  /** How many items the queue takes; 0 or less for any number. */
  get maxsize(): number {
    return this.#maxsize;
  }

  /** How many items there are. */
  qsize(): number {
    return this.#items.size;
  }

  /** Whether nothing is in it. */
  empty(): boolean {
    return this.#items.size === 0;
  }

  /** Whether there are `maxsize` items. */
  full(): boolean {
    return this.#maxsize > 0 && this.#items.size >= this.#maxsize;
  }

  /**
   * Puts an item, and waits for a place before that if there is none.
   *
   * @param options `signal` gives up the waiting; the item is then not put
   * @throws TypeError; the future fails with QueueShutDown
   */
  put(item: T, options?: AbortOptions): Future<void> {
    if (options === undefined) return this.#startPut(item);
    return abortable(options, () => this.#startPut(item));
  }

  /** Puts an item at once. @throws QueueFull or QueueShutDown */
  putNowait(item: T): void {
    if (this.#isShutDown) throw new QueueShutDown();
    if (this.full()) throw new QueueFull();
    this.#items.push(item);
    this.#unfinished++;
    this.#finished.clear();
    wakeNext(this.#getters);
  }

  /**
   * Takes the next item, and waits for it if there is none.
   *
   * @param options `signal` gives up the waiting; no item is then taken
   * @throws TypeError; the future fails with QueueShutDown
   */
  get(options?: AbortOptions): Future<T> {
    if (options === undefined) return this.#startGet();
    return abortable(options, () => this.#startGet());
  }

  /** Takes the next item at once. @throws QueueEmpty, or QueueShutDown when none will come */
  getNowait(): T {
    if (this.empty()) throw this.#isShutDown ? new QueueShutDown() : new QueueEmpty();
    const item = this.#items.shift() as T;
    wakeNext(this.#putters);
    return item;
  }

  /**
   * What was asked for with an item that was taken has been done.
   *
   * @throws RangeError when it is called more often than items were put
   */
  taskDone(): void {
    if (this.#unfinished === 0) throw new RangeError('task_done() called too many times');
    this.#unfinished--;
    if (this.#unfinished === 0) this.#finished.set();
  }

  /**
   * Waits until taskDone() was called for every item that was put.
   *
   * @param options `signal` gives up the waiting
   */
  join(options?: AbortOptions): Future<void> {
    return abortable(options, (loop) => {
      if (this.#unfinished === 0) return finishedEmpty(loop);
      return new Operation(loop, this.#join(loop));
    });
  }

  /**
   * Ends the queue: nothing can be put any more, and when it is empty get() fails with QueueShutDown.
   *
   * @param immediate drops the items that are left, as if each had been taken and done
   */
  shutdown(immediate = false): void {
    checkBoolean('immediate', immediate);
    this.#isShutDown = true;
    if (immediate) {
      while (!this.empty()) {
        this.#items.shift();
        if (this.#unfinished > 0) this.#unfinished--;
      }
      if (this.#unfinished === 0) this.#finished.set();
    }
    while (wakeNext(this.#getters));
    while (wakeNext(this.#putters));
  }

  /** The items as they come, until the queue was shut down and is empty. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      let item: T;
      try {
        item = await this.get();
      } catch (error) {
        if (error instanceof QueueShutDown) return;
        throw error;
      }
      yield item;
    }
  }

  protected override _describe(): string {
    const parts = [`maxsize=${this.#maxsize}`];
    if (!this.empty()) parts.push(`_queue=[${[...this.#items].map(repr).join(', ')}]`);
    if (this.#getters.size > 0) parts.push(`_getters[${this.#getters.size}]`);
    if (this.#putters.size > 0) parts.push(`_putters[${this.#putters.size}]`);
    if (this.#unfinished > 0) parts.push(`tasks=${this.#unfinished}`);
    if (this.#isShutDown) parts.push('shutdown');
    return parts.join(' ');
  }

  #startPut(item: T): Future<void> {
    const loop = defaultLoop();
    if (this.full() || this.#isShutDown) return new Operation(loop, this.#put(loop, item));
    this.putNowait(item);
    return finishedEmpty(loop);
  }

  #startGet(): Future<T> {
    const loop = defaultLoop();
    if (this.empty()) return new Operation(loop, this.#get(loop));
    return finished(loop, this.getNowait());
  }

  *#put(loop: Scheduler, item: T): OperationBody<void> {
    while (this.full()) {
      if (this.#isShutDown) throw new QueueShutDown();
      yield* this.#waitAmong(this.#putters, loop, () => !this.full());
    }
    this.putNowait(item);
  }

  *#get(loop: Scheduler): OperationBody<T> {
    while (this.empty()) {
      if (this.#isShutDown) throw new QueueShutDown();
      yield* this.#waitAmong(this.#getters, loop, () => !this.empty());
    }
    return this.getNowait();
  }

  /** Waits to be woken; passes that on when it comes too late and there is still something to have. */
  *#waitAmong(waiters: Waiters, loop: Scheduler, available: () => boolean): OperationBody<void> {
    this._bind(loop);
    const waiter = waiters.add(loop);
    try {
      yield* waiter;
    } catch (error) {
      waiters.remove(waiter);
      if (available() && !waiter.cancelled()) wakeNext(waiters);
      throw error;
    }
  }

  *#join(loop: Scheduler): OperationBody<void> {
    yield* this.#finished._wait(loop);
  }
}

/** Wakes the first who waits and takes it off the list; false when nobody does. */
function wakeNext(waiters: Waiters): boolean {
  const woken = waiters.wakeNext();
  if (woken !== null) waiters.remove(woken);
  return woken !== null;
}
