/**
 * A queue in a ring: what asyncio takes from Python's collections.deque.
 *
 * push() and shift() cost the same whatever the length, which Array.shift() does not.
 * Invariant: the capacity is a power of two, and a place that holds no item holds no reference.
 */

const SMALLEST = 8;

export class Deque<T> implements Iterable<T> {
  #ring: (T | undefined)[] = new Array(SMALLEST).fill(undefined);
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds at the end. */
  push(item: T): void {
    if (this.#size === this.#ring.length) this.#resize(this.#size * 2);
    this.#ring[(this.#head + this.#size) & (this.#ring.length - 1)] = item;
    this.#size++;
  }

  /** Removes and returns the first item; undefined when there is none. */
  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#ring[this.#head];
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.#size--;
    // What a burst has needed is given back, at a quarter so that no length makes it swing.
    if (this.#ring.length > SMALLEST && this.#size * 4 <= this.#ring.length) {
      this.#resize(this.#ring.length / 2);
    }
    return item;
  }

  /** From the first to the last. */
  *[Symbol.iterator](): Generator<T, void, undefined> {
    for (let index = 0; index < this.#size; index++) {
      yield this.#ring[(this.#head + index) & (this.#ring.length - 1)] as T;
    }
  }

  #resize(capacity: number): void {
    const items: (T | undefined)[] = [...this];
    while (items.length < capacity) items.push(undefined);
    this.#ring = items;
    this.#head = 0;
  }
}
