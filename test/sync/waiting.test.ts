/**
 * wait(), waitFor() and shield() beyond asyncio's: signals, use outside of tasks, and what they leave behind.
 *
 * The order of events is compared with asyncio's in test/differential/{waits,wait_for,shielding}*.
 */

import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { setImmediate as nextTurn, setTimeout as nodeSleep } from 'node:timers/promises';
import {
  asCompleted,
  CancelledError,
  coroutine,
  createTask,
  currentTask,
  type EventLoop,
  FIRST_COMPLETED,
  Future,
  gather,
  newEventLoop,
  setEventLoop,
  shield,
  sleep,
  TimeoutError,
  wait,
  waitFor,
} from '../../src/index.js';
import { runChild } from '../core/child.js';
import { leavesNothingOpen } from '../support.js';

const LONG = 100_000;

describe('waiting outside of tasks', () => {
  leavesNothingOpen();
  let loop: EventLoop;
  let reports: unknown[];
  beforeEach(() => {
    loop = newEventLoop();
    setEventLoop(loop);
    reports = [];
    loop.setExceptionHandler((_loop, { message }) => reports.push(message));
  });
  afterEach(() => {
    setEventLoop(null);
    loop.close();
  });

  const number = coroutine(async (value: number) => {
    await sleep(0);
    return value;
  });
  const fails = coroutine(async () => {
    await sleep(0);
    throw new Error('failed');
  });

  it('waitFor(), wait(), gather(), shield() and asCompleted() work', async () => {
    const awaited: number = await waitFor(number(1), 1000);
    equal(awaited, 1);
    const tasks = [createTask(number(2)), createTask(number(3))];
    const { done, pending } = await wait(tasks);
    deepEqual([[...done].map((task) => task.result()), pending.size], [[2, 3], 0]);
    deepEqual(await gather([number(4), number(5)]), [4, 5]);
    const shielded: number = await shield(number(6));
    equal(shielded, 6);
    const results: number[] = [];
    for await (const future of asCompleted([number(7), Promise.resolve(8)])) {
      results.push(await future);
    }
    deepEqual(results.sort(), [7, 8]);
  });

  it('promises are waited for', async () => {
    equal(await waitFor(nodeSleep(1, 'one'), LONG), 'one');
    await rejects(async () => await waitFor(nodeSleep(20), 1), TimeoutError);
    equal(await shield(Promise.resolve('two')), 'two');
    await rejects(async () => await waitFor(Promise.reject(new Error('three')), LONG), {
      message: 'three',
    });
  });

  it('waitFor() gives a coroutine a task of its own', async () => {
    const task = createTask(async () => {
      const outer = currentTask();
      const inner = coroutine(async () => currentTask() === outer);
      return waitFor(inner(), LONG);
    });
    equal(await task, false);
  });

  it('waitFor() keeps a result that comes in the batch of the deadline', async () => {
    // asyncio throws it away: its deadline cancels the task that waits, which then does not look.
    const future = new Future<string>();
    const when = loop.time() + 1;
    loop.callAt(when, () => future.setResult('kept'));
    const waiting = waitFor(future, Math.max(when - loop.time(), 0.001));
    // Both timers are due in one batch.
    while (loop.time() < when + 1);
    equal(await waiting, 'kept');
  });

  it('a TimeoutError has the cancellation as its cause', async () => {
    for (const limit of [0, -1, 1]) {
      const error = await waitFor(new Future(), limit).catch((thrown) => thrown);
      ok(error instanceof TimeoutError);
      ok(error.cause instanceof CancelledError);
    }
  });

  for (const [name, start] of Object.entries({
    'waitFor()': (future: Future, signal: AbortSignal) => waitFor(future, LONG, { signal }),
    'wait()': (future: Future, signal: AbortSignal) => wait([future], { signal }),
    'shield()': (future: Future, signal: AbortSignal) => shield(future, { signal }),
    'asCompleted()': (future: Future, signal: AbortSignal) =>
      asCompleted([future], { signal })[Symbol.iterator]().next().value as Future,
    'for await of asCompleted()': (future: Future, signal: AbortSignal) =>
      asCompleted([future], { signal }).next(),
  })) {
    const cancelled = (message: string) => ({ name: 'CancelledError', message });
    const cancelsMember = name === 'waitFor()';

    it(`${name} is given up by its signal, whose reason is the message`, async () => {
      const future = new Future();
      const controller = new AbortController();
      const waiting = start(future, controller.signal);
      await sleep(0);
      controller.abort(new Error('enough'));
      await rejects(async () => await waiting, cancelled('enough'));
      equal(future.cancelled(), cancelsMember);
    });

    it(`${name} is given up by a signal that is aborted already`, async () => {
      const future = new Future();
      const waiting = start(future, AbortSignal.abort('early'));
      await rejects(async () => await waiting, cancelled('early'));
      equal(future.cancelled(), cancelsMember);
    });
  }

  it('a shield whose signal is aborted leaves its task alone', async () => {
    const task = createTask(number(1));
    await rejects(async () => await shield(task, { signal: AbortSignal.abort() }), CancelledError);
    equal(await task, 1);
  });

  it('a member that failed is not reported when its error was seen', async () => {
    await rejects(async () => await waitFor(fails(), LONG), { message: 'failed' });
    await rejects(async () => await shield(fails()), { message: 'failed' });
    for await (const future of asCompleted([fails()])) ok(future.exception() instanceof Error);
    for (const next of asCompleted([fails()])) await rejects(async () => await next);
    const { done } = await wait([createTask(fails())]);
    for (const task of done) ok(task.exception() instanceof Error);
    loop.close();
    deepEqual(reports, []);
  });

  it('a member that failed is reported when nobody looked', async () => {
    await wait([createTask(fails())]);
    const late = createTask(fails());
    await wait([late, createTask(number(1))], { returnWhen: FIRST_COMPLETED, timeout: 0 });
    await nextTurn();
    loop.close();
    deepEqual(reports, [
      'Task exception was never retrieved',
      'Task exception was never retrieved',
    ]);
  });

  it('the error after a shield was cancelled is reported once, and not as never retrieved', async () => {
    const inner = new Future();
    for (let count = 0; count < 3; count++) shield(inner).cancel();
    inner.setException(new TypeError('late'));
    await sleep(0);
    loop.close();
    deepEqual(reports, ['TypeError exception in shielded future']);
  });
});

describe('what waiting leaves behind', () => {
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

  const WAITS = 10_000;
  const PER_WAIT = 60; // bytes; a waiter that stays takes a hundred and more

  /** The heap that `WAITS` calls on one future keep. */
  async function heapKept(waitOnce: (future: Future) => Promise<unknown>): Promise<number> {
    const collect = globalThis.gc;
    ok(collect !== undefined, 'run mocha with --expose-gc');
    const future = new Future();
    for (let count = 0; count < 100; count++) await waitOnce(future);
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let count = 0; count < WAITS; count++) await waitOnce(future);
    await nextTurn();
    collect();
    const kept = process.memoryUsage().heapUsed - before;
    ok(!future.done());
    return kept;
  }

  const done = () => {
    const future = new Future<void>();
    future.setResult();
    return future;
  };
  const waits: Record<string, (future: Future) => Promise<unknown>> = {
    'wait() for the first': async (future) =>
      await wait([future, done() as Future], { returnWhen: FIRST_COMPLETED }),
    'wait() with a timeout': async (future) => await wait([future], { timeout: 0 }),
    'wait() that is cancelled': async (future) => {
      const waiting = wait([future], { timeout: LONG });
      waiting.cancel();
      await waiting.catch(() => {});
    },
    'shield() that is cancelled': async (future) => {
      const waiting = shield(future);
      waiting.cancel();
      await waiting.catch(() => {});
    },
    'waitFor() of a shield': async (future) => await waitFor(shield(future), 0).catch(() => {}),
    'asCompleted() that is left': async (future) => {
      for await (const _ of asCompleted([future, done()])) break;
    },
    'plain asCompleted() that is left': async (future) => {
      for (const next of asCompleted([future, done()], { timeout: LONG })) {
        await next;
        break;
      }
    },
  };
  for (const [name, waitOnce] of Object.entries(waits)) {
    it(`10,000 times ${name} keep nothing with a future that lives on`, async function () {
      this.timeout(20_000);
      const kept = await heapKept(waitOnce);
      ok(kept < WAITS * PER_WAIT, `${Math.round(kept / WAITS)} bytes are kept per wait`);
    });
  }

  it('no timer keeps the process alive', async () => {
    const { code, lines, errors } = await runChild(`
      const { asCompleted, Future, run, sleep, wait, waitFor } = uvio;
      const LONG = 1e9;
      await run(async () => {
        await waitFor(sleep(1), LONG);
        await wait([sleep(1)], { timeout: LONG });
        for await (const future of asCompleted([sleep(1)], { timeout: LONG })) await future;
        for await (const _ of asCompleted([sleep(1), new Future()], { timeout: LONG })) break;
        for (const next of asCompleted([sleep(1), new Future()], { timeout: LONG })) {
          await next;
          break;
        }
      });
      const left = waitFor(new Future(), LONG);
      left.cancel();
      await left.catch(() => console.log('ends'));
    `);
    deepEqual({ code, lines, errors }, { code: 0, lines: ['ends'], errors: '' });
  });

  it('no rejection is unhandled', async () => {
    const { code, lines, errors } = await runChild(`
      const { asCompleted, createTask, gather, run, shield, sleep, taskGroup, timeout, wait, waitFor } = uvio;
      const fails = uvio.coroutine(async () => { await sleep(0); throw new Error('failed'); });
      const failsLate = uvio.coroutine(async () => { try { await sleep(1e9); } finally { throw new Error('late'); } });
      const seen = (error) => console.log(error.name);
      await run(async () => {
        await waitFor(fails(), 1000).catch(seen);
        await waitFor(failsLate(), 1).catch(seen);
        await gather([fails(), fails()]).catch(seen);
        await shield(fails()).catch(seen);
        await timeout(1, async () => { await failsLate(); }).then(null, seen);
        await taskGroup(async (group) => { group.createTask(fails()); await failsLate(); }).then(null, seen);
        const { done } = await wait([createTask(fails())]);
        for (const task of done) task.exception();
        for await (const future of asCompleted([fails()])) await future.catch(seen);
      });
    `);
    equal(errors, '');
    equal(code, 0);
    deepEqual(lines, ['Error', 'Error', 'Error', 'Error', 'Error', 'ExceptionGroup', 'Error']);
  });
});
