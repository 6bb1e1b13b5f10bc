/**
 * ThreadPoolExecutor: what threads can that processes cannot, and what they do to the process.
 *
 * Guards: what is given up has really stopped, which shared memory shows; memory moves when it is to; idle threads
 * let the process end.
 */

import { deepEqual, equal, match, ok, rejects, throws } from 'node:assert/strict';
import {
  BrokenThreadPool,
  CancelledError,
  type EventLoop,
  job,
  logger,
  setLogger,
  ThreadPoolExecutor,
} from 'uvio';
import { runChild } from '../core/child.js';
import { inTask } from '../high/stream_support.js';
import { leavesNothingOpen } from '../support.js';
import { hold, mark, Shared, spin } from './executor_support.js';

function withThreads(
  maxWorkers: number,
  body: (executor: ThreadPoolExecutor, loop: EventLoop) => Promise<void>,
): Promise<void> {
  return inTask(async (loop) => {
    await using executor = new ThreadPoolExecutor({ maxWorkers });
    await body(executor, loop);
  });
}

describe('ThreadPoolExecutor', () => {
  leavesNothingOpen();

  it('has stopped what was cancelled by the time it is shut down', async () => {
    const shared = new Shared();
    await withThreads(1, async (executor) => {
      const running = executor.submit(spin, [shared.memory]);
      await shared.leaves(0);
      ok(running.cancel());
      ok(running.cancelled());
      equal(running.cancel(), false);
      await rejects(running, CancelledError);
    });
    const left = shared.value;
    await new Promise((resolve) => setImmediate(resolve));
    equal(shared.value, left);
  });

  it('never runs what was cancelled in the queue, or ran out of time there', () =>
    withThreads(1, async (executor) => {
      const [held, traces] = [new Shared(), new Shared()];
      const running = executor.submit(hold, [held.memory]);
      await held.leaves(0);
      const queued = executor.submit(mark, [traces.memory]);
      const late = executor.submit(mark, [traces.memory], { timeout: 1 });
      const third = executor.submit(mark, [traces.memory]);
      queued.cancel();
      await rejects(late, { name: 'TimeoutError' });
      held.value = 2;
      equal(await running, 'held');
      await third;
      equal(traces.value, 1);
    }));

  it('runs as many calls at a time as it has threads', () =>
    withThreads(2, async (executor) => {
      const [first, second, third] = [new Shared(), new Shared(), new Shared()];
      const calls = [first, second, third].map(({ memory }) => executor.submit(hold, [memory]));
      await Promise.all([first.leaves(0), second.leaves(0)]);
      equal(third.value, 0);
      first.value = 2;
      await third.leaves(0);
      second.value = 2;
      third.value = 2;
      deepEqual(await Promise.all(calls), ['held', 'held', 'held']);
    }));

  it('hands over what is in the transfer list, and the result when it is to', () =>
    withThreads(1, async (executor) => {
      const given = new ArrayBuffer(8);
      const size = (buffer: ArrayBuffer) => buffer.byteLength;
      equal(await executor.submit(size, [given], { transferList: [given] }), 8);
      equal(given.byteLength, 0);
      // A module's memory tells whether it was handed over.
      const keeps = (options: object) =>
        executor.submit(
          job((isObject: boolean) => {
            const state = globalThis as { kept?: Uint8Array };
            const before = state.kept?.byteLength ?? -1;
            state.kept = new Uint8Array(4);
            return isObject ? { before, bytes: state.kept } : state.kept;
          }, options),
          [true],
        ) as PromiseLike<{ before: number; bytes: Uint8Array }>;
      const moves = { transferResult: true };
      equal((await keeps(moves)).bytes.byteLength, 4);
      equal((await keeps({})).before, 0);
      equal((await keeps(moves)).before, 4);
      const small = await executor.submit(() => Buffer.from('small'), [], moves);
      equal(Buffer.from(small).toString(), 'small');
      equal(await executor.submit(() => 5, [], moves), 5);
      const wrong = executor.submit(size, [given], { transferList: [{}] });
      await rejects(wrong, {
        name: 'TypeError',
        message: /The arguments of size\(\) cannot be copied/,
      });
      equal(await executor.submit(size, [new ArrayBuffer(1)]), 1);
    }));

  it('tells of a thread that had no memory left, or none to start with', () =>
    inTask(async () => {
      const hungry = () => {
        const kept: unknown[] = [];
        for (;;) kept.push(new Array(100_000).fill({}));
      };
      await using executor = new ThreadPoolExecutor({
        maxWorkers: 1,
        resourceLimits: { maxOldGenerationSizeMb: 16 },
      });
      await rejects(executor.submit(hungry), (error: Error) => {
        ok(error instanceof BrokenThreadPool);
        match(error.message, /^A worker thread ended while it ran hungry\(\): .*memory limit/);
        equal((error.cause as NodeJS.ErrnoException).code, 'ERR_WORKER_OUT_OF_MEMORY');
        return true;
      });
      equal(await executor.submit(() => 1), 1);
      await using tiny = new ThreadPoolExecutor({
        maxWorkers: 1,
        resourceLimits: { maxOldGenerationSizeMb: 4, maxYoungGenerationSizeMb: 1 },
      });
      const calls = [tiny.submit(() => 1), tiny.submit(() => 2)];
      for (const call of calls) {
        // To Node 20 it is enough.
        if (Number.parseInt(process.versions.node, 10) < 22) await call;
        else await rejects(call, BrokenThreadPool);
      }
      throws(
        () => new ThreadPoolExecutor({ resourceLimits: 5 as never }),
        /resourceLimits must be/,
      );
      throws(
        () => new ThreadPoolExecutor({ resourceLimits: { stackSizeMb: 'x' as never } }),
        /resourceLimits.stackSizeMb must be a number, got 'x'/,
      );
      // Node itself ends the process then.
      throws(
        () => new ThreadPoolExecutor({ resourceLimits: { maxOldGenerationSizeMb: 1 } }),
        /resourceLimits.maxOldGenerationSizeMb must be 4 or more, got 1/,
      );
    }));

  it('logs what a thread without a call dies of', async () => {
    const logged: string[] = [];
    setLogger({ ...console, error: (message: string) => void logged.push(message) });
    try {
      await withThreads(1, async (executor) => {
        // The promise is of a call that is over when its error comes, which the next one is told.
        await executor.submit(() => void setTimeout(() => Promise.reject(new Error('late')), 0));
        const next = executor.submit(() => new Promise(() => {}));
        await rejects(next, /A worker thread ended while it ran <anonymous>\(\): late/);
      });
      deepEqual(logged, []);
    } finally {
      setLogger(logger);
    }
  });

  it('keeps the process alive while a call is under way, and not afterwards', async () => {
    const program = `
      const { ThreadPoolExecutor, ProcessPoolExecutor } = uvio;
      const executors = [new ThreadPoolExecutor(), new ProcessPoolExecutor({ maxWorkers: 1 })];
      const work = () => new Promise((resolve) => setTimeout(resolve, 50, 'done'));
      for (const one of executors) one.submit(work).then((value) => console.log(value));
    `;
    deepEqual(await runChild(program), {
      code: 0,
      signal: null,
      lines: ['done', 'done'],
      errors: '',
    });
  });
});
