/**
 * The deque against an array, with random operations from a fixed seed.
 */

import { deepEqual, equal } from 'node:assert/strict';
import { Deque } from '../../src/util/deque.js';
import { leavesNothingOpen } from '../support.js';

describe('Deque', () => {
  leavesNothingOpen();

  it('an empty deque has nothing to give', () => {
    const deque = new Deque<number>();
    deepEqual([deque.size, deque.shift(), deque.size, [...deque]], [0, undefined, 0, []]);
  });

  it('keeps undefined as it keeps anything', () => {
    const deque = new Deque<undefined>();
    deque.push(undefined);
    equal(deque.size, 1);
    equal(deque.shift(), undefined);
    equal(deque.size, 0);
  });

  it('agrees with an array while it grows, turns and shrinks', () => {
    const deque = new Deque<number>();
    const array: number[] = [];
    let state = 1;
    const random = (limit: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * limit);
    };
    for (let phase = 0; phase < 40; phase++) {
      const pushes = 1 + random(9);
      for (let step = 0; step < 200; step++) {
        if (random(10) < pushes) {
          deque.push(step);
          array.push(step);
        } else {
          equal(deque.shift(), array.shift());
        }
        equal(deque.size, array.length);
      }
      deepEqual([...deque], array);
    }
  });

  it('a hundred thousand items leave as fast as they came', () => {
    const deque = new Deque<number>();
    for (let item = 0; item < 100_000; item++) deque.push(item);
    for (let item = 0; item < 100_000; item++) equal(deque.shift(), item);
    equal(deque.size, 0);
  });
});
