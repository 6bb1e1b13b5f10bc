/**
 * wrapFuture(): a future of one loop awaited on another.
 *
 * CPython's wrap_future() does this for concurrent.futures; test_futures.py has its cases.
 */

import { equal, rejects, throws } from 'node:assert/strict';
import {
  CancelledError,
  type EventLoop,
  Future,
  newEventLoop,
  sleep,
  wrapFuture,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';

describe('wrapFuture()', () => {
  leavesNothingOpen();
  let loop: EventLoop;
  let other: EventLoop;
  beforeEach(() => {
    loop = newEventLoop();
    other = newEventLoop();
  });
  afterEach(() => {
    loop.close();
    other.close();
  });
  const inLoop = (body: () => Promise<unknown>) => () => loop.runUntilComplete(body);

  it(
    'gives the result and the error of a future of another loop',
    inLoop(async () => {
      const task = other.createTask(() => sleep(1, 'there'));
      equal(await wrapFuture(task), 'there');
      const fails = other.createTask(async () => {
        throw new Error('there');
      });
      await rejects(async () => await wrapFuture(fails), { message: 'there' });
    }),
  );

  it(
    'is cancelled with the future, and cancels it',
    inLoop(async () => {
      const cancelled = other.createFuture();
      cancelled.cancel();
      await rejects(async () => await wrapFuture(cancelled), CancelledError);
      const task = other.createTask(async () => await new Future());
      const wrapped = wrapFuture(task);
      await sleep(0);
      wrapped.cancel();
      await rejects(async () => await wrapped, CancelledError);
      await wrapFuture(other.createTask(() => sleep(0)));
      equal(task.cancelled(), true);
    }),
  );

  it('is the future itself on its own loop, and follows a promise', async () => {
    const future = loop.createFuture();
    equal(wrapFuture(future, { loop }), future);
    equal(await wrapFuture(Promise.resolve(5), { loop }), 5);
    throws(() => wrapFuture(5 as never), /awaitable must be a future.*, got 5/);
  });
});
