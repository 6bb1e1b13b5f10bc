/**
 * A binary min-heap in an array: what asyncio takes from Python's heapq.
 *
 * Invariant: no item is less than its parent, and a `less` that throws changes nothing: places are found
 * before anything moves. `less` must be a strict order; items that compare equal leave in no particular
 * order, so a caller that wants first-in-first-out makes its order total.
 */

export class Heap<T> implements Iterable<T> {
  #items: T[] = [];
  readonly #less: (left: T, right: T) => boolean;

  constructor(less: (left: T, right: T) => boolean) {
    this.#less = less;
  }

  get size(): number {
    return this.#items.length;
  }

  /** The least item, which stays in the heap. */
  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    const items = this.#items;
    const end = items.length;
    let index = end;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#less(item, items[parent] as T)) break;
      index = parent;
    }
    items.push(item);
    for (let place = end; place > index; ) {
      const parent = (place - 1) >> 1;
      items[place] = items[parent] as T;
      place = parent;
    }
    items[index] = item;
  }

  /** Removes and returns the least item. */
  pop(): T | undefined {
    const items = this.#items;
    const least = items[0];
    const end = items.length - 1;
    if (end > 0) {
      const last = items[end] as T;
      this.#place(last, 0, this.#depthOf(last, 0, end));
    }
    items.pop();
    return least;
  }

  /** Drops every item that `keep` refuses, in linear time. */
  retain(keep: (item: T) => boolean): void {
    this.#items = this.#items.filter(keep);
    for (let index = (this.#items.length >> 1) - 1; index >= 0; index--) this.#sink(index);
  }

  clear(): void {
    this.#items = [];
  }

  /** In the order of the heap, the least one first and the others in no particular order. */
  [Symbol.iterator](): Iterator<T> {
    return this.#items.values();
  }

  #sink(index: number): void {
    const item = this.#items[index] as T;
    this.#place(item, index, this.#depthOf(item, index, this.#items.length));
  }

  /** Where `item` comes to rest when it sinks from `start`, among the first `end` items. */
  #depthOf(item: T, start: number, end: number): number {
    const items = this.#items;
    const half = end >> 1;
    let index = start;
    while (index < half) {
      let child = 2 * index + 1;
      if (child + 1 < end && this.#less(items[child + 1] as T, items[child] as T)) child++;
      if (!this.#less(items[child] as T, item)) break;
      index = child;
    }
    return index;
  }

  /** Puts `item` at `index`; everything between there and `start`, above it, moves up. */
  #place(item: T, start: number, index: number): void {
    const items = this.#items;
    let moving = item;
    for (let place = index; ; place = (place - 1) >> 1) {
      const above = items[place] as T;
      items[place] = moving;
      if (place === start) return;
      moving = above;
    }
  }
}
