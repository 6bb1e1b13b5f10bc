/**
 * The list of the slowest: what it adds up, and that it stays short.
 */

import { deepEqual, equal } from 'node:assert/strict';
import { Slowest } from '../../src/core/slowest.js';

describe('the list of the slowest', () => {
  it('has each name once, with its longest and its count, the longest first', () => {
    const slowest = new Slowest();
    slowest.note('one', 100);
    slowest.note('other', 300);
    slowest.note('one', 200);
    slowest.note('one', 150);
    deepEqual(slowest.list(), [
      { name: 'other', milliseconds: 300, count: 1 },
      { name: 'one', milliseconds: 200, count: 3 },
    ]);
  });

  it('keeps the slowest hundred of however many names', () => {
    const slowest = new Slowest();
    for (let i = 0; i < 300; i++) slowest.note(`name ${(i * 7) % 300}`, (i * 7) % 300);
    const kept = slowest.list();
    equal(kept.length, 100);
    deepEqual([kept[0]?.milliseconds, kept.at(-1)?.milliseconds], [299, 200]);
  });
});
