/**
 * A binary min-heap in an array: what asyncio takes from Python's heapq.
 *
 * Invariant: no item is less than its parent. `less` must be a strict order; items that compare equal
 * leave in no particular order, so a caller that wants first-in-first-out makes its order total.
 */

export class Heap<T> {
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
    this.#items.push(item);
    this.#rise(this.#items.length - 1);
  }

  /** Removes and returns the least item. */
  pop(): T | undefined {
    const items = this.#items;
    const least = items[0];
    const last = items.pop();
    if (items.length > 0) {
      items[0] = last as T;
      this.#sink(0);
    }
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

  #rise(start: number): void {
    const items = this.#items;
    const item = items[start] as T;
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = items[parent] as T;
      if (!this.#less(item, above)) break;
      items[index] = above;
      index = parent;
    }
    items[index] = item;
  }

  #sink(start: number): void {
    const items = this.#items;
    const item = items[start] as T;
    const half = items.length >> 1;
    let index = start;
    while (index < half) {
      let child = 2 * index + 1;
      if (child + 1 < items.length && this.#less(items[child + 1] as T, items[child] as T)) child++;
      const below = items[child] as T;
      if (!this.#less(below, item)) break;
      items[index] = below;
      index = child;
    }
    items[index] = item;
  }
}
