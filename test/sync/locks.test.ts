/**
 * Lock, Event, Condition, Semaphore and Barrier beyond asyncio's: outside tasks, bad input, how they show.
 *
 * Order and cancellation are compared with asyncio's in test/differential.
 */

import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import { inspect } from 'node:util';
import {
  Barrier,
  BoundedSemaphore,
  BrokenBarrierError,
  Condition,
  Event,
  Future,
  Lock,
  RuntimeError,
  Semaphore,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { failure, loopForEachTest, turns } from './stage.js';

describe('locks', () => {
  leavesNothingOpen();
  loopForEachTest();

  it('work outside tasks, and acquire() returns a future that is done when it can be', async () => {
    const lock = new Lock();
    const first = lock.acquire();
    ok(first instanceof Future && first.done());
    const second = lock.acquire();
    equal(second.done(), false);
    (await first)[Symbol.dispose]();
    await second;
    equal(lock.locked(), true);
  });

  it('a future of acquire() can be cancelled', async () => {
    const lock = new Lock();
    await lock.acquire();
    const waiting = lock.acquire();
    equal(waiting.cancel('no more'), true);
    equal((await failure(waiting)).message, 'no more');
    equal(String(lock), '<Lock [locked]>');
  });

  it('show themselves as in asyncio', async () => {
    const lock = new Lock();
    const semaphore = new Semaphore(3);
    const event = new Event();
    const condition = new Condition();
    const barrier = new Barrier(2);
    const all = [lock, semaphore, new BoundedSemaphore(), event, condition, barrier];
    deepEqual(
      all.map((one) => inspect(one)),
      [
        '<Lock [unlocked]>',
        '<Semaphore [unlocked, value:3]>',
        '<BoundedSemaphore [unlocked, value:1]>',
        '<Event [unset]>',
        '<Condition [unlocked]>',
        '<Barrier [filling, waiters:0/2]>',
      ],
    );
    await lock.acquire();
    const waits = [lock.acquire(), lock.acquire(), event.wait(), barrier.wait()];
    equal(
      `${lock}${event}${barrier}`,
      '<Lock [locked, waiters:2]><Event [unset, waiters:1]><Barrier [filling, waiters:1/2]>',
    );
    for (const wait of waits) wait.cancel();
    await turns(2);
    await barrier.abort();
    equal(`${lock} ${barrier}`, '<Lock [locked]> <Barrier [broken]>');
    class Gate extends Lock {}
    equal(String(new Gate()), '<Gate [unlocked]>');
  });

  it('wrong use is a RuntimeError, of a bounded semaphore a RangeError', async () => {
    const condition = new Condition();
    throws(() => new Lock().release(), { name: 'RuntimeError', message: 'Lock is not acquired.' });
    throws(() => condition.release(), RuntimeError);
    throws(() => condition.notifyAll(), RuntimeError);
    await rejects(async () => await condition.wait(), RuntimeError);
    throws(() => new BoundedSemaphore().release(), {
      name: 'RangeError',
      message: 'BoundedSemaphore released too many times',
    });
  });

  it('bad input is refused at the call', async () => {
    const range = 'an integer from';
    for (const value of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      throws(() => new Semaphore(value), {
        name: 'RangeError',
        message: new RegExp(`^value must be ${range} 0`),
      });
      throws(() => new BoundedSemaphore(value), RangeError);
      throws(() => new Barrier(value), {
        name: 'RangeError',
        message: new RegExp(`^parties must be ${range} 1`),
      });
    }
    throws(() => new Barrier(0), RangeError);
    throws(() => new Barrier(undefined as never), TypeError);
    throws(() => new Semaphore('1' as never), /value must be an integer, got '1'/);
    throws(() => new Condition({} as never), /lock must be a Lock, got \{\}/);
    const condition = new Condition();
    throws(() => condition.notify(-1), /^RangeError.*: n must be an integer from 0/);
    throws(() => condition.waitFor(true as never), /predicate must be a function, got true/);
  });

  it('a predicate must not be async, since a promise is always true', async () => {
    const condition = new Condition();
    await condition.acquire();
    await rejects(async () => await condition.waitFor(async () => false), {
      name: 'TypeError',
      message: /^predicate must be a function that does not return a promise/,
    });
    equal(condition.locked(), true);
  });

  it('waitFor() passes on what the predicate throws, with the lock held', async () => {
    const condition = new Condition();
    await condition.acquire();
    const boom = new Error('boom');
    let looked = 0;
    const waiting = condition.waitFor(() => {
      if (looked++ === 1) throw boom;
      return false;
    });
    await condition.run(() => condition.notify());
    equal(await failure(waiting), boom);
    equal(condition.locked(), true);
  });

  it('ten thousand permits released at once wake ten thousand, in order', async () => {
    const semaphore = new Semaphore(0);
    const order: number[] = [];
    const waits = Array.from({ length: 10_000 }, (_, index) =>
      semaphore.acquire().then(() => order.push(index)),
    );
    for (const _ of waits) semaphore.release();
    await Promise.all(waits);
    ok(order.every((value, index) => value === index));
  });

  it('a broken barrier is a RuntimeError, and can be mended', async () => {
    const barrier = new Barrier(2);
    const waiting = barrier.wait();
    await turns();
    await barrier.abort();
    const error = await failure(waiting);
    ok(error instanceof BrokenBarrierError && error instanceof RuntimeError);
    equal(error.name, 'BrokenBarrierError');
    equal((await failure(barrier.wait())).message, 'Barrier aborted');
    await barrier.reset();
    deepEqual(await Promise.all([barrier.wait(), barrier.wait()]), [0, 1]);
    deepEqual([barrier.parties, barrier.nWaiting, barrier.broken], [2, 0, false]);
  });
});
