/**
 * The futures of calls in another thread: awaited, cancelled from either side, waited for asleep.
 *
 * result(timeout) blocks a worker and nothing else; whoever could never be answered gets an error at once.
 */

import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import { once } from 'node:events';
import {
  EventLoop,
  InvalidStateError,
  type LoopRef,
  newEventLoop,
  waitFor,
} from '../../src/index.js';
import { assertPrinted, runProcess, startWorker } from '../io/programs.js';
import { leavesNothingOpen } from '../support.js';
import { untilSeen, withServingThread } from './serving_threads.js';

describe('the future of a call in another thread', () => {
  leavesNothingOpen();

  it('is a future of the loop that asked', () =>
    withServingThread(async ({ attached, loop }) => {
      const future = attached.runCoroutineThreadsafe<number>('give', 1);
      equal(future.getLoop(), loop);
      throws(() => future.result(), InvalidStateError);
      equal(await future, 1);
      deepEqual([future.result(), future.result(10), future.exception(10)], [1, 1, null]);
    }));

  it('cancelling it cancels the task, with the message', () =>
    withServingThread(async ({ attached }) => {
      const future = attached.runCoroutineThreadsafe('forever', 'one');
      await untilSeen(attached, 'one begins');
      ok(future.cancel('enough'));
      ok(future.cancelled());
      await untilSeen(attached, 'one ends: enough');
      equal(future.cancel(), false);
    }));

  it('cancelled before the task began, it never begins', () =>
    withServingThread(async ({ attached }) => {
      for (const argument of ['plain', { rich: 1 }]) {
        attached.callSoonThreadsafe('block', 20);
        attached.runCoroutineThreadsafe('forever', argument).cancel();
      }
      deepEqual(await attached.runCoroutineThreadsafe('echo', { still: 1 }), [{ still: 1 }]);
      deepEqual(await attached.runCoroutineThreadsafe('seen'), []);
    }));

  it('cancelled by a thread that has never called before, the task begins not, or ends', () =>
    withServingThread(async ({ attached }) => {
      attached.runCoroutineThreadsafe('forever', 'first').cancel();
      const seen = await attached.runCoroutineThreadsafe<unknown[]>('seen');
      if (seen.includes('first begins')) await untilSeen(attached, 'first ends: ');
    }));

  it('an answer that comes after its cancellation disturbs nothing', () =>
    withServingThread(async ({ attached }) => {
      for (let n = 0; n < 50; n++) {
        const given = attached.runCoroutineThreadsafe('give', { n });
        const kept = attached.runCoroutineThreadsafe('give', { kept: n });
        if (n % 2 === 0) await attached.runCoroutineThreadsafe('nothing');
        given.cancel();
        deepEqual(await kept, { kept: n });
      }
    }));

  it('is cancelled with the task that awaits it, and by a deadline', () =>
    withServingThread(async ({ attached, loop }) => {
      const task = loop.createTask(async () => {
        await attached.runCoroutineThreadsafe('forever', 'awaited');
      });
      await untilSeen(attached, 'awaited begins');
      task.cancel('stop');
      await untilSeen(attached, 'awaited ends: stop');
      const late = waitFor(attached.runCoroutineThreadsafe('forever', 'late'), 30);
      await rejects(late, { name: 'TimeoutError' });
      await untilSeen(attached, 'late ends: ');
    }));

  it('is cancelled by the signal that attach() was given', () =>
    withServingThread(async ({ attached }) => {
      const controller = new AbortController();
      const { signal } = controller;
      const other = EventLoop.attach(attached.ref, { signal });
      const future = other.runCoroutineThreadsafe('forever', 'signalled');
      await untilSeen(attached, 'signalled begins');
      controller.abort(new Error('over'));
      await rejects(future, { name: 'CancelledError', message: 'over' });
      await untilSeen(attached, 'signalled ends: over');
      await rejects(other.runCoroutineThreadsafe('forever', 'after'), { name: 'CancelledError' });
      ok(!(await attached.runCoroutineThreadsafe<unknown[]>('seen')).includes('after begins'));
    }));

  it('cannot block the main thread', () =>
    withServingThread(async ({ attached }) => {
      const future = attached.runCoroutineThreadsafe('nothing');
      throws(() => future.result(10), { name: 'RuntimeError', message: /main thread/ });
      await future;
    }));

  it('blocks a worker until the result is there, of whatever kind', () =>
    withServingThread(async ({ attached, loop }) => {
      loop.expose({
        slow: async (value: unknown) => {
          await new Promise((resolve) => setTimeout(resolve, 5));
          return value;
        },
        fail: async () => {
          throw new RangeError('failed');
        },
      });
      const waiting = (...args: unknown[]) =>
        attached.runCoroutineThreadsafe('waitFor', loop.ref, ...args);
      equal(await waiting(5000, 'slow', 'plain'), 'plain');
      deepEqual(await waiting(5000, 'slow', { rich: [1] }), { rich: [1] });
      equal(await waiting(Number.POSITIVE_INFINITY, 'slow', 1), 1);
      await rejects(waiting(5000, 'fail'), { name: 'RangeError', message: 'failed' });
    }));

  it('gives up waiting with a TimeoutError', () =>
    withServingThread(async ({ attached, loop }) => {
      loop.expose('never', async () => await loop.createFuture());
      const wait = (timeout: number) =>
        attached.runCoroutineThreadsafe('waitFor', loop.ref, timeout, 'never');
      await rejects(wait(30), { name: 'TimeoutError' });
      await rejects(wait(0), { name: 'TimeoutError' });
      await rejects(wait(-1), { name: 'RangeError' });
      await rejects(wait('1' as never), { name: 'TypeError' });
    }));

  it('cannot wait for the thread that it would block', () =>
    withServingThread(async ({ attached }) => {
      const itself = attached.runCoroutineThreadsafe('waitFor', attached.ref, 1000, 'nothing');
      await rejects(itself, { name: 'RuntimeError', message: /the thread that it blocks/ });
    }));

  it('a blocked worker hears that the other loop has closed', () =>
    withServingThread(async ({ attached }) => {
      const other = newEventLoop();
      other.setExceptionHandler(() => {});
      other.expose('never', async () => await other.createFuture());
      const { ref } = other;
      const forever = Number.POSITIVE_INFINITY;
      const waiting = attached.runCoroutineThreadsafe('waitFor', ref, forever, 'never');
      setTimeout(() => other.close(), 30);
      await rejects(waiting, { name: 'RuntimeError', message: 'Event loop is closed' });
    }));

  it('a blocked worker can be terminated', async () => {
    const loop = newEventLoop();
    const begun = new Promise((resolve) => {
      loop.expose('never', async () => {
        resolve(null);
        await loop.createFuture();
      });
    });
    loop.setExceptionHandler(() => {});
    const worker = startWorker<LoopRef>(({ runCoroutineThreadsafe }, _modules, ref) => {
      runCoroutineThreadsafe(ref, 'never').result(Number.POSITIVE_INFINITY);
    }, loop.ref);
    await begun;
    const exited = once(worker, 'exit');
    await worker.terminate();
    deepEqual(await exited, [1]);
    loop.close();
  });

  it('a blocked worker does not keep the process from ending', async () => {
    const outcome = await runProcess(async ({ newEventLoop }, { threads }) => {
      const loop = newEventLoop();
      const source = `
        const { workerData } = require('node:worker_threads');
        import(workerData.entry).then(({ runCoroutineThreadsafe }) =>
          runCoroutineThreadsafe(workerData.ref, 'never').result(Infinity));`;
      loop.expose('never', async () => {
        console.log('asked');
        setTimeout(() => process.exit(0), 10);
        await loop.createFuture();
      });
      const entry = `file://${process.cwd()}/dist/src/index.js`;
      new threads.Worker(source, { eval: true, workerData: { ref: loop.ref, entry } });
    });
    assertPrinted(outcome, 'asked');
  });
});
