/**
 * The executors of a loop: the default one, whose life is the loop's, and others that are given.
 *
 * Guards: a loop closes without waiting, run() waits; after that nothing more gets in, in asyncio's words.
 */

import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import { once } from 'node:events';
import {
  coroutine,
  type Executor,
  job,
  newEventLoop,
  ProcessPoolExecutor,
  run,
  ThreadPoolExecutor,
  toThread,
} from 'uvio';
import { runChild, startChild } from '../core/child.js';
import { inTask } from '../high/stream_support.js';
import { leavesNothingOpen } from '../support.js';
import { hold, jobUrl, mark, Shared, spin } from './executor_support.js';

describe('loop.runInExecutor()', () => {
  leavesNothingOpen();

  it('runs a call in the default executor, or in the one given', () =>
    inTask(async (loop) => {
      const add = (left: number, right: number) => left + right;
      const future = loop.runInExecutor(null, add, 1, 2);
      equal(future.getLoop(), loop);
      equal(await future, 3);
      equal(await loop.runInExecutor(null, jobUrl('#add'), 1, 2), 3);
      equal(await loop.runInExecutor(null, job(add, { timeout: 10_000 }), 1, 2), 3);
      await using processes = new ProcessPoolExecutor({ maxWorkers: 1 });
      equal(await loop.runInExecutor(processes, add, 1, 2), 3);
      await loop.shutdownDefaultExecutor();
    }));

  it('refuses what is no executor, and coroutines', () =>
    inTask(async (loop) => {
      const executor = {} as Executor;
      throws(() => loop.runInExecutor(executor, () => 1), /executor must be an Executor or null/);
      throws(() => loop.runInExecutor(null, coroutine(async () => 1) as never), {
        name: 'TypeError',
        message: 'coroutines cannot be used with runInExecutor()',
      });
      throws(() => loop.setDefaultExecutor(new ProcessPoolExecutor() as never), {
        name: 'TypeError',
        message: 'executor must be ThreadPoolExecutor instance',
      });
      throws(() => loop.shutdownDefaultExecutor(-1), /timeout must be 0 or more/);
      throws(() => loop.shutdownDefaultExecutor(1, 5 as never), /options must be an object/);
    }));

  it('leaves the loop its timers while a thread works', () =>
    inTask(async (loop) => {
      const shared = new Shared();
      const spinning = loop.runInExecutor(null, spin, shared.memory);
      await shared.leaves(0);
      let ticks = 0;
      await new Promise<void>((resolve) => {
        const tick = () => {
          if (++ticks === 20) resolve();
          else loop.callLater(1, tick);
        };
        tick();
      });
      equal(ticks, 20);
      spinning.cancel();
      await loop.shutdownDefaultExecutor();
    }));

  it('waits for the default executor at the end of run()', async () => {
    const traces = new Shared();
    await run(async () => {
      toThread(mark, traces.memory);
      toThread(mark, traces.memory);
    });
    equal(traces.value, 2);
  });

  it('stops what a cancelled task waits for, so that run() ends', async () => {
    const shared = new Shared();
    const main = run(async () => {
      const spinning = toThread(spin, shared.memory);
      await shared.leaves(0);
      const loop = spinning.getLoop();
      loop.callSoon(() => spinning.cancel());
      await spinning;
    });
    await rejects(main, { name: 'CancelledError' });
  });

  it('refuses calls after the end of the default executor or of the loop, in asyncio’s words', async () => {
    const loop = newEventLoop();
    await loop.runUntilComplete(async () => {
      equal(await loop.runInExecutor(null, () => 1), 1);
      await loop.shutdownDefaultExecutor();
      const refused = { name: 'RuntimeError', message: 'Executor shutdown has been called' };
      throws(() => loop.runInExecutor(null, () => 1), refused);
      throws(() => toThread(() => 1), refused);
      await using own = new ThreadPoolExecutor({ maxWorkers: 1 });
      equal(await loop.runInExecutor(own, () => 2), 2);
      await loop.shutdownDefaultExecutor();
    });
    loop.close();
    throws(() => loop.runInExecutor(null, () => 1), /Event loop is closed/);
    throws(() => loop.shutdownDefaultExecutor(), /Event loop is closed/);
  });

  it('warns when the threads take longer than shutdownDefaultExecutor() is to wait', () =>
    inTask(async (loop) => {
      const [shared, traces] = [new Shared(), new Shared()];
      const executor = new ThreadPoolExecutor({ maxWorkers: 1 });
      loop.setDefaultExecutor(executor);
      const held = loop.runInExecutor(null, hold, shared.memory);
      const queued = loop.runInExecutor(null, mark, traces.memory);
      await shared.leaves(0);
      const warned = once(process, 'warning');
      await loop.shutdownDefaultExecutor(10);
      const [warning] = await warned;
      equal(warning.name, 'RuntimeWarning');
      equal(
        warning.message,
        'The executor did not finishing joining its threads within 0.01 seconds.',
      );
      const given = new AbortController();
      const waiting = loop.shutdownDefaultExecutor(null, { signal: given.signal });
      given.abort();
      ok(waiting.cancelled());
      // They go on by themselves.
      shared.value = 2;
      equal(await held, 'held');
      await queued;
      await executor.shutdown();
      equal(traces.value, 1);
    }));

  it('closes the loop without waiting for what runs, and tells nobody of its end', async () => {
    const [shared, traces] = [new Shared(), new Shared()];
    const loop = newEventLoop();
    const executor = new ThreadPoolExecutor({ maxWorkers: 1 });
    loop.setDefaultExecutor(executor);
    const held = loop.runInExecutor(null, hold, shared.memory);
    const fails = loop.runInExecutor(null, () => Promise.reject(new Error('unheard')));
    const last = loop.runInExecutor(null, mark, traces.memory);
    await shared.leaves(0);
    loop.close();
    shared.value = 2;
    await inTask(async () => await executor.shutdown());
    equal(traces.value, 1);
    deepEqual([held.done(), fails.done(), last.done()], [false, false, false]);
  });

  it('can be in use when the process exits, in a worker of Node’s too', async () => {
    const program = `
      import { Worker, isMainThread } from 'node:worker_threads';
      const { run, toThread } = uvio;
      await run(async () => console.log(await toThread((a) => a + 1, 1)));
      const busy = toThread(() => { for (;;); });
      await new Promise((resolve) => setTimeout(resolve, 20));
      process.exit(7);
    `;
    const ending = await runChild(program);
    deepEqual([ending.code, ending.lines, ending.errors], [7, ['2'], '']);
    const inWorker = `
      import { Worker } from 'node:worker_threads';
      const library = ${JSON.stringify(new URL('../../src/index.js', import.meta.url).href)};
      const source = \`
        import(\${JSON.stringify(library)}).then(async ({ toThread }) => {
          console.log(await toThread((a) => a + 1, 1));
          toThread(() => { for (;;); });
        });
      \`;
      const worker = new Worker(source, { eval: true, stdout: true });
      worker.stdout.once('data', (text) => {
        console.log(String(text).trim());
        worker.terminate().then((code) => console.log('terminated', code));
      });
    `;
    const { code, lines, errors } = await runChild(inWorker);
    deepEqual([code, lines, errors], [0, ['2', 'terminated 1'], '']);
  });

  it('leaves what a worker thread that loads the library does with its errors to the program', async () => {
    const program = `
      import { once } from 'node:events';
      import { Worker } from 'node:worker_threads';
      const library = ${JSON.stringify(new URL('../../src/index.js', import.meta.url).href)};
      const source = \`
        const { parentPort } = process.getBuiltinModule('node:worker_threads');
        process.on('uncaughtException', (error) => parentPort.postMessage(error.message));
        import(\${JSON.stringify(library)}).then(() => setImmediate(() => { throw new Error('seen to'); }));
      \`;
      const worker = new Worker(source, { eval: true });
      const [message] = await once(worker, 'message');
      const [code] = await once(worker, 'exit');
      console.log(message, code);
    `;
    const { code, lines, errors } = await runChild(program);
    deepEqual([code, lines, errors], [0, ['seen to 0'], '']);
  });

  it('lets processes end with their parent', async () => {
    const program = `
      const { ProcessPoolExecutor } = uvio;
      const executor = new ProcessPoolExecutor({ maxWorkers: 1 });
      console.log(await executor.submit(() => process.pid));
      executor.submit(() => new Promise(() => {}));
    `;
    const child = startChild(program);
    const [line] = await once(child.process.stdout as NodeJS.ReadableStream, 'data');
    const pid = Number(String(line));
    ok(process.kill(pid, 0));
    child.process.kill('SIGKILL');
    await child.ended;
    const isThere = () => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    };
    while (isThere()) await new Promise((resolve) => setImmediate(resolve));
  });
});
