/**
 * sleep(): how long, what it gives, how it is given up.
 *
 * Bounds are lower bounds, which hold on a busy machine; nothing of a sleep that was given up is left,
 * which the life of a process shows.
 */

import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import {
  CancelledError,
  createTask,
  type EventLoop,
  Future,
  newEventLoop,
  run,
  setEventLoop,
  sleep,
} from '../../src/index.js';
import { runChild } from '../core/child.js';
import { leavesNothingOpen, polled } from '../support.js';

describe('sleep()', () => {
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

  it('sleeps at least as long as it is told', async () => {
    for (const delay of [0.3, 1, 5, 7.5]) {
      const before = loop.time();
      await sleep(delay);
      ok(loop.time() - before >= delay, `${loop.time() - before} ms of ${delay}`);
    }
  });

  it('a fraction of a millisecond is not rounded up to one, but where a thread polls', async () => {
    // libuv's timer serves there: the moment is rounded up, and the clock at which that began is, too.
    const bound = polled ? 2 : 1;
    let shortest = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < 50; attempt++) {
      const before = loop.time();
      await sleep(0.2);
      shortest = Math.min(shortest, loop.time() - before);
    }
    ok(shortest < bound, `${shortest} ms`);
  });

  it('works outside any task, on the default loop', async () => {
    const future = sleep(1, 'result');
    ok(future instanceof Future);
    equal(future.getLoop(), loop);
    equal(await future, 'result');
    equal(await sleep(0), undefined);
  });

  it('a shorter sleep that began later may end first', async () => {
    const order: string[] = [];
    const long = sleep(200).then(() => order.push('long'));
    const short = sleep(1).then(() => order.push('short'));
    await Promise.all([long, short]);
    deepEqual(order, ['short', 'long']);
  });

  it('is given up by its signal', async () => {
    const controller = new AbortController();
    const future = sleep(1_000_000, undefined, { signal: controller.signal });
    controller.abort(new Error('enough'));
    equal(future.cancelled(), true);
    await rejects(async () => await future, { name: 'CancelledError', message: 'enough' });
  });

  it('is given up at once by a signal that is aborted, even without a delay', async () => {
    const signal = AbortSignal.abort();
    for (const delay of [0, 5]) {
      const future = sleep(delay, undefined, { signal });
      await rejects(async () => await future, CancelledError);
    }
  });

  it('lets go of the signal when it is over', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    let listening = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listening++;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listening--;
      remove(...args);
    };
    await sleep(1, undefined, { signal });
    await new Promise<void>((turn) => loop.callSoon(() => loop.callSoon(turn)));
    equal(listening, 0);
  });

  it('a cancelled sleep leaves no timer: the process ends', async () => {
    const ending = await runChild(
      `uvio.sleep(1_000_000).cancel();
       const task = uvio.createTask(async () => { await uvio.sleep(1_000_000); });
       await uvio.sleep(1);
       task.cancel();
       await task.catch((error) => console.log(error.name));`,
    );
    deepEqual([ending.code, ending.lines, ending.errors], [0, ['CancelledError'], '']);
  });

  it('an infinite sleep can be cancelled', () =>
    run(async () => {
      const task = createTask(() => sleep(Number.POSITIVE_INFINITY));
      await sleep(1);
      task.cancel();
      await rejects(async () => await task, CancelledError);
    }));
});
