/**
 * What runs a call in a worker, without the worker: that it never throws, whatever the call throws.
 */

import { deepEqual, equal } from 'node:assert/strict';
import perform, { type Call } from '../../src/loop/executor_worker.js';

function callOf(fn: () => unknown): Call {
  const source = String(fn);
  return { name: 'fn()', source, url: '', exported: '', args: [], transfersResult: false };
}

describe('a call in a worker', () => {
  it('gives its outcome', async () => {
    deepEqual(await perform(callOf(() => 5)), { value: 5 });
  });

  it('gives an error in place of one that cannot be read', async () => {
    const unreadable = [
      () => {
        const lazy = { enumerable: true, get: () => JSON.parse('') };
        throw Object.defineProperty(new Error('with a getter'), 'lazy', lazy);
      },
      () => {
        throw Object.assign(new Error(), { message: Object.create(null) });
      },
    ];
    for (const fn of unreadable) {
      const outcome = await perform(callOf(fn));
      const parts = 'thrown' in outcome && 'error' in outcome.thrown ? outcome.thrown.error : null;
      equal(parts?.message, 'What fn() threw cannot be described');
    }
  });
});
