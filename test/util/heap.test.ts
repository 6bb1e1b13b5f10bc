/**
 * The heap against sorting, with random operations from a fixed seed.
 */

import { deepEqual, equal, throws } from 'node:assert/strict';
import { Heap } from '../../src/util/heap.js';
import { leavesNothingOpen } from '../support.js';

const numbers = () => new Heap<number>((left, right) => left < right);

/** A random integer below `limit`, from a linear congruential generator. */
function randomFrom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

function drain(heap: Heap<number>): number[] {
  const out: number[] = [];
  while (heap.size > 0) out.push(heap.pop() as number);
  return out;
}

const ascending = (left: number, right: number) => left - right;

describe('Heap', () => {
  leavesNothingOpen();

  it('an empty heap has nothing to give', () => {
    const heap = numbers();
    deepEqual([heap.size, heap.peek(), heap.pop(), heap.size], [0, undefined, undefined, 0]);
  });

  it('gives back in order what came in at random', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const random = randomFrom(seed);
      const values = Array.from({ length: random(200) }, () => random(50));
      const heap = numbers();
      for (const value of values) heap.push(value);
      equal(heap.size, values.length);
      deepEqual(drain(heap), values.sort(ascending));
    }
  });

  it('agrees with a sorted list through pushes, pops and peeks', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = randomFrom(seed);
      const heap = numbers();
      const list: number[] = [];
      for (let step = 0; step < 2000; step++) {
        if (random(5) < 3) {
          const value = random(100);
          heap.push(value);
          list.push(value);
          list.sort(ascending);
        } else {
          equal(heap.pop(), list.shift());
        }
        equal(heap.peek(), list[0]);
        equal(heap.size, list.length);
      }
    }
  });

  it('retain() keeps what it is told, and the order', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const random = randomFrom(seed);
      const values = Array.from({ length: random(300) }, () => random(1000));
      const heap = numbers();
      for (const value of values) heap.push(value);
      const divisor = 1 + random(4);
      heap.retain((value) => value % divisor === 0);
      heap.push(500);
      const kept = [...values.filter((value) => value % divisor === 0), 500];
      deepEqual(drain(heap), kept.sort(ascending));
    }
  });

  it('clear() empties it, and it can be used again', () => {
    const heap = numbers();
    for (const value of [3, 1, 2]) heap.push(value);
    heap.clear();
    equal(heap.size, 0);
    heap.push(5);
    deepEqual(drain(heap), [5]);
  });

  it('shows all of its items, the least one first', () => {
    const heap = numbers();
    for (const value of [3, 1, 2, 1]) heap.push(value);
    equal([...heap][0], 1);
    deepEqual([...heap].sort(ascending), [1, 1, 2, 3]);
  });

  it('an order that throws changes nothing', () => {
    let calls = Number.POSITIVE_INFINITY;
    const heap = new Heap<number>((left, right) => {
      if (--calls < 0) throw new Error('not comparable');
      return left < right;
    });
    const random = randomFrom(3);
    for (let count = 0; count < 100; count++) heap.push(random(50));
    for (let allowed = 0; allowed < 5; allowed++) {
      const before = [...heap];
      calls = allowed;
      throws(() => {
        for (;;) heap.push(-1);
      }, /not comparable/);
      calls = allowed;
      throws(() => heap.pop(), /not comparable/);
      calls = Number.POSITIVE_INFINITY;
      while (heap.peek() === -1) heap.pop();
      deepEqual([...heap].sort(ascending), before.sort(ascending));
    }
    const out = drain(heap);
    deepEqual(out, [...out].sort(ascending));
  });

  it('with a total order equal items leave as they came', () => {
    const heap = new Heap<{ key: number; rank: number }>(
      (left, right) => left.key < right.key || (left.key === right.key && left.rank < right.rank),
    );
    const random = randomFrom(7);
    const items = Array.from({ length: 500 }, (_, rank) => ({ key: random(5), rank }));
    for (const item of items) heap.push(item);
    const out = Array.from({ length: 500 }, () => heap.pop());
    deepEqual(
      out,
      items.sort((left, right) => left.key - right.key || left.rank - right.rank),
    );
  });
});
