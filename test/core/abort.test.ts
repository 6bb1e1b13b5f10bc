/**
 * `{signal}` for many waits: one listener, which goes with the last of them.
 */

import { deepEqual, equal } from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import {
  type EventLoop,
  Future,
  newEventLoop,
  setEventLoop,
  sleep,
  wait,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { runChild } from './child.js';

describe('a signal', () => {
  leavesNothingOpen();
  let loop: EventLoop;
  beforeEach(() => {
    loop = newEventLoop();
    setEventLoop(loop);
  });
  afterEach(() => {
    setEventLoop(null);
    loop.close();
  });
  const listeners = (signal: AbortSignal) => getEventListeners(signal, 'abort').length;

  it('has one listener for a thousand waits, and none when they are over', async () => {
    const { signal } = new AbortController();
    const waits = Array.from({ length: 1000 }, () => sleep(1, 'over', { signal }));
    equal(listeners(signal), 1);
    deepEqual(await waits[999], 'over');
    await loop.runUntilComplete(() => sleep(0));
    equal(listeners(signal), 0);
    const again = sleep(1, 'again', { signal });
    equal(listeners(signal), 1);
    equal(await again, 'again');
  });

  it('cancels all that wait for it, and what waits for those may wait for it too', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const waits = Array.from({ length: 100 }, () => wait([new Future()], { signal }));
    const late: Future[] = [];
    waits[0]?.addDoneCallback(() => late.push(sleep(1_000_000, null, { signal })));
    controller.abort(new Error('enough'));
    const outcomes = await Promise.allSettled(waits);
    deepEqual(
      new Set(outcomes.map((one) => one.status === 'rejected' && one.reason.message)),
      new Set(['enough']),
    );
    await loop.runUntilComplete(() => sleep(0));
    equal(late[0]?.cancelled(), true);
    equal(listeners(signal), 0);
  });

  it('makes no warning of too many listeners', async () => {
    const ending = await runChild(
      `const { signal } = new AbortController();
       await Promise.all(Array.from({ length: 100 }, () => uvio.sleep(1, 0, { signal })));
       console.log('end');`,
    );
    deepEqual([ending.code, ending.lines, ending.errors], [0, ['end'], '']);
  });
});
