/**
 * A Future as a thenable: then, catch, finally, await, and the combinators of Promise.
 *
 * Handlers run through the loop, in the order in which they were added; a cancellation reaches handlers
 * as an error does, and they may swallow it.
 */

import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import {
  CancelledError,
  createTask,
  type EventLoop,
  Future,
  InvalidStateError,
  isFuture,
  newEventLoop,
  sleep,
  Task,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';

describe('a Future as a thenable', () => {
  leavesNothingOpen();
  let loop: EventLoop;
  let future: Future<number>;
  beforeEach(() => {
    loop = newEventLoop();
    future = loop.createFuture<number>();
  });
  afterEach(() => loop.close());

  it('can be awaited outside any task', async () => {
    loop.callSoon(() => future.setResult(5));
    equal(await future, 5);
    equal(await future, 5);
  });

  it('throws its exception at an await outside any task', async () => {
    const error = new RangeError('x');
    loop.callSoon(() => future.setException(error));
    await rejects(async () => await future, error);
    await rejects(async () => await future, error);
  });

  it('throws CancelledError at an await when it is cancelled', async () => {
    loop.callSoon(() => future.cancel('why'));
    await rejects(async () => await future, { name: 'CancelledError', message: 'why' });
  });

  it('then() returns a future of the same loop', async () => {
    const derived = future.then((value) => value + 1);
    ok(derived instanceof Future);
    equal(derived.getLoop(), loop);
    future.setResult(1);
    equal(derived.done(), false);
    equal(await derived, 2);
  });

  it('then() chains, flattens and passes through', async () => {
    future.setResult(1);
    const result = future
      .then((value) => Promise.resolve(value + 1))
      .then()
      .then((value) => {
        const inner = loop.createFuture<number>();
        inner.setResult(value * 10);
        return inner;
      })
      .then(null, () => 0);
    equal(await result, 20);
  });

  it('catch() turns an error into a value, and leaves a value alone', async () => {
    future.setException(new Error('x'));
    equal(await future.catch((error) => (error as Error).message), 'x');
    const good = loop.createFuture<string>();
    good.setResult('good');
    equal(await good.catch(() => 'bad'), 'good');
  });

  it('an error thrown by a handler rejects what then() returned', async () => {
    future.setResult(1);
    const derived = future.then(() => {
      throw new TypeError('handler');
    });
    await rejects(async () => await derived, TypeError);
  });

  it('finally() runs either way and keeps the outcome', async () => {
    const calls: unknown[] = [];
    const bad = loop.createFuture();
    future.setResult(7);
    bad.setException(new Error('bad'));
    equal(await future.finally((...values) => calls.push(values)), 7);
    await rejects(async () => await bad.finally(() => calls.push('bad')), { message: 'bad' });
    deepEqual(calls, [[], 'bad']);
  });

  it('finally() waits for what its handler returns, and passes on its error', async () => {
    future.setResult(1);
    const gate = loop.createFuture<void>();
    const derived = future.finally(() => gate as unknown as undefined);
    await new Promise<void>((turn) => loop.callSoon(turn));
    equal(derived.done(), false);
    gate.setResult();
    equal(await derived, 1);
    const failing = future.finally(() => {
      throw new Error('in finally');
    });
    await rejects(async () => await failing, { message: 'in finally' });
  });

  it('handlers run in the order in which they were added, not inside then()', async () => {
    const order: string[] = [];
    future.then(() => order.push('a'));
    future.then(() => order.push('b'));
    future.setResult(1);
    future.then(() => order.push('c'));
    order.push('sync');
    await future;
    await new Promise<void>((turn) => loop.callSoon(() => loop.callSoon(turn)));
    deepEqual([...order].sort(), ['a', 'b', 'c', 'sync']);
    equal(order[0], 'sync');
    ok(order.indexOf('a') < order.indexOf('b'));
  });

  it('works in Promise.all, race, allSettled and resolve', async () => {
    const other = loop.createFuture<string>();
    const never = loop.createFuture<string>();
    loop.callSoon(() => other.setResult('other'));
    loop.callSoon(() => future.setResult(1));
    deepEqual(await Promise.all([future, other, 3]), [1, 'other', 3]);
    equal(await Promise.race([never, other]), 'other');
    never.cancel();
    const settled = await Promise.allSettled([future, never]);
    deepEqual(
      settled.map((one) => one.status),
      ['fulfilled', 'rejected'],
    );
    equal(await Promise.resolve(future), 1);
  });

  it('is recognized by instanceof, isFuture and its tag', async () => {
    const task = loop.createTask(async () => 1);
    ok(future instanceof Future && task instanceof Future && task instanceof Task);
    ok(!(future instanceof Task));
    ok(isFuture(future) && isFuture(task) && !isFuture(Promise.resolve()) && !isFuture(null));
    equal(Object.prototype.toString.call(future), '[object Future]');
    equal(Object.prototype.toString.call(task), '[object Task]');
    await task;
  });

  it('shows its state, as asyncio does', () => {
    equal(String(future), '<Future pending>');
    future.setResult(1);
    equal(String(future), '<Future finished result=1>');
    const failed = loop.createFuture();
    failed.setException(new RangeError('x'));
    failed.exception();
    equal(String(failed), "<Future finished exception=RangeError('x')>");
    const cancelled = loop.createFuture();
    cancelled.cancel();
    equal(String(cancelled), '<Future cancelled>');
  });

  it('a handler may swallow the cancellation of its source', async () => {
    await loop.runUntilComplete(async () => {
      const source = new Future<string>();
      const task = createTask(async () => await source.catch((error) => (error as Error).name));
      await sleep(0);
      task.cancel();
      equal(await task, 'CancelledError');
      equal(source.cancelled(), true);
    });
  });

  it('a task that awaits a finally() is cancelled, once, behind its handler', async () => {
    await loop.runUntilComplete(async () => {
      const calls: string[] = [];
      const inner = createTask(async () => {
        await new Future();
      });
      const outer = createTask(async () => {
        await inner.finally(() => calls.push(`inner ${inner.cancelling()}`));
      });
      await sleep(0);
      await sleep(0);
      outer.cancel();
      await rejects(async () => await outer, CancelledError);
      deepEqual(calls, ['inner 1']);
      equal(outer.cancelled(), true);
    });
  });

  it('cancelling what then() returned is not heard as an uncaught error', async () => {
    const derived = future.then((value) => value + 1);
    derived.cancel();
    if (!future.done()) future.setResult(1);
    await rejects(async () => await derived, CancelledError);
  });

  it('a handler that is under way may be cancelled', async () => {
    const gate = loop.createFuture<number>();
    const derived = future.then(() => gate);
    future.setResult(1);
    await new Promise<void>((turn) => loop.callSoon(() => loop.callSoon(turn)));
    derived.cancel();
    if (!gate.done()) gate.setResult(2);
    await rejects(async () => await derived, CancelledError);
  });

  it('a result that is a promise stays a promise', async () => {
    const promise = Promise.resolve(1);
    const holder = loop.createFuture<Promise<number>>();
    holder.setResult(promise);
    equal(holder.result(), promise);
  });

  it('refuses a second outcome', () => {
    future.setResult(1);
    for (const call of [() => future.setResult(2), () => future.setException(new Error('x'))]) {
      try {
        call();
        ok(false);
      } catch (error) {
        ok(error instanceof InvalidStateError);
      }
    }
  });
});
