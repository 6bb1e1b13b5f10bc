/**
 * asyncio.PriorityQueue and LifoQueue: queues whose items leave in another order.
 *
 * Items of equal priority leave in the order in which they came, which asyncio does not promise.
 */

import { checkFunction, checkOptions } from '../util/check.js';
import { Heap } from '../util/heap.js';
import { compareItems } from './comparing.js';
import { type ItemStore, Queue } from './queues.js';

/** Negative when `left` leaves first, positive when `right` does, 0 when they came so. */
export type Compare<T> = (left: T, right: T) => number;

/** What its constructor takes. */
export interface PriorityQueueOptions<T> {
  /** The order of the items; by default numbers and strings by `<`, arrays element by element. */
  compare?: Compare<T> | undefined;
}

interface Entry<T> {
  readonly item: T;
  readonly sequence: number;
}

class PriorityStore<T> implements ItemStore<T> {
  readonly #heap: Heap<Entry<T>>;
  #sequence = 0;

  constructor(compare: Compare<T>) {
    this.#heap = new Heap((left, right) => {
      const order = compare(left.item, right.item);
      return order === 0 ? left.sequence < right.sequence : order < 0;
    });
  }

  get size(): number {
    return this.#heap.size;
  }

  push(item: T): void {
    this.#heap.push({ item, sequence: this.#sequence++ });
  }

  shift(): T | undefined {
    return this.#heap.pop()?.item;
  }

  *[Symbol.iterator](): Generator<T, void, undefined> {
    for (const { item } of this.#heap) yield item;
  }
}

class Stack<T> implements ItemStore<T> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    return this.#items.pop();
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#items.values();
  }
}

/** A queue whose least item leaves first: asyncio.PriorityQueue. */
export class PriorityQueue<T = unknown> extends Queue<T> {
  /**
   * @param maxsize how many items the queue takes; 0 or less for any number
   * @param options `compare` is the order of the items
   * @throws TypeError or RangeError; put() and putNowait() throw TypeError for what cannot be compared
   */
  constructor(maxsize = 0, options?: PriorityQueueOptions<T>) {
    checkOptions(options);
    const compare = options?.compare ?? compareItems;
    checkFunction('compare', compare);
    super(maxsize, new PriorityStore<T>(compare));
  }
}

/** A queue whose last item leaves first: asyncio.LifoQueue. */
export class LifoQueue<T = unknown> extends Queue<T> {
  /**
   * @param maxsize how many items the queue takes; 0 or less for any number
   * @throws TypeError or RangeError
   */
  constructor(maxsize = 0) {
    super(maxsize, new Stack<T>());
  }
}
