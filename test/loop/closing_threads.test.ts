/**
 * The ends of loops and threads that call each other: everybody who waits is answered, and nothing keeps running for nobody.
 *
 * However a loop ends (closed, its worker terminated, exited or crashed), callers get `Event loop is closed`.
 */

import { deepEqual, equal, rejects, throws } from 'node:assert/strict';
import { once } from 'node:events';
import {
  type AttachedLoop,
  EventLoop,
  type ExceptionContext,
  type LoopRef,
  newEventLoop,
} from '../../src/index.js';
import { assertPrinted, runProcess, startWorker } from '../io/programs.js';
import { leavesNothingOpen } from '../support.js';
import { type ServedThread, untilSeen, withServingThread } from './serving_threads.js';

const closed = { name: 'RuntimeError', message: 'Event loop is closed' };

const ENDS: Record<string, (thread: ServedThread) => unknown> = {
  'ends its run': ({ attached }) => attached.callSoonThreadsafe('stop'),
  'is in a worker that is terminated': ({ worker }) => worker.terminate(),
  'is in a worker that calls process.exit()': ({ attached }) => attached.callSoonThreadsafe('exit'),
  'is in a worker that crashes': ({ attached, worker }) => {
    worker.once('error', () => {});
    attached.callSoonThreadsafe('crash');
  },
};

/** Waits for the end of a loop that comes by itself. */
async function untilClosed({ ref }: AttachedLoop): Promise<void> {
  for (;;) {
    try {
      EventLoop.attach(ref);
    } catch {
      return;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('the end of a loop that other threads call', () => {
  leavesNothingOpen();

  for (const [title, end] of Object.entries(ENDS)) {
    it(`fails what it has not answered when it ${title}`, () =>
      withServingThread(async (thread) => {
        const { attached } = thread;
        const running = attached.runCoroutineThreadsafe('forever', 'running');
        await untilSeen(attached, 'running begins');
        end(thread);
        const error = (await running.catch((reason) => reason)) as Error;
        // A run that ends cancels its tasks first, as in asyncio.
        if (title === 'ends its run') equal(error.name, 'CancelledError');
        else deepEqual([error.name, error.message], [closed.name, closed.message]);
        await untilClosed(attached);
        throws(() => attached.callSoonThreadsafe('note'), closed);
        throws(() => attached.runCoroutineThreadsafe('nothing'), closed);
        throws(() => EventLoop.attach(attached.ref), closed);
      }));
  }

  it('tells callers in other threads when it is closed', () =>
    withServingThread(async ({ attached }) => {
      const other = newEventLoop();
      other.setExceptionHandler(() => {});
      const asked = new Promise<void>((resolve) => {
        other.expose('never', async () => {
          resolve();
          await other.createFuture();
        });
      });
      const waiting = attached.runCoroutineThreadsafe('callBack', other.ref, 'never');
      await asked;
      other.close();
      await rejects(waiting, closed);
    }));

  it('calls that it has not begun come back, each once', () =>
    withServingThread(async ({ attached, worker, reports }) => {
      // Something that needs the port, so that no call waits for it here.
      await attached.runCoroutineThreadsafe('give', {});
      attached.callSoonThreadsafe('block', 10_000);
      for (let n = 0; n < 100; n++) attached.callSoonThreadsafe('note', n % 2 === 0 ? n : { n });
      const asked = attached.runCoroutineThreadsafe('give', 1);
      await worker.terminate();
      await rejects(asked, closed);
      const calls = reports.flatMap((report) => report.calls as string[]);
      // Whether the first was begun depends on when the worker woke up.
      deepEqual(calls.filter((name) => name === 'note').length, 100);
      for (const { exception } of reports) equal((exception as Error).message, closed.message);
    }));

  it('a call that closes the loop has run, and those behind it come back', async () => {
    const loop = newEventLoop();
    const reports: unknown[] = [];
    loop.setExceptionHandler((_loop, context) => reports.push(context.calls));
    const other = newEventLoop();
    other.expose({ close: () => other.close(), note: () => {} });
    await loop.runUntilComplete(async () => {
      const attached = EventLoop.attach(other.ref);
      for (const name of ['note', 'close', 'note', 'note']) attached.callSoonThreadsafe(name);
      while (reports.length === 0) await new Promise((resolve) => setImmediate(resolve));
    });
    deepEqual(reports, [['note', 'note']]);
    loop.close();
  });

  it('calls that wait for the port come back with the others, in the order in which they were made', async () => {
    const loop = newEventLoop();
    const reports: ExceptionContext[] = [];
    loop.setExceptionHandler((_loop, context) => reports.push(context));
    const other = newEventLoop();
    await loop.runUntilComplete(async () => {
      const attached = EventLoop.attach(other.ref);
      attached.callSoonThreadsafe('first', 1);
      attached.callSoonThreadsafe('waits', { rich: 1 });
      attached.callSoonThreadsafe('behind', 2);
      const asked = attached.runCoroutineThreadsafe('any', { rich: 2 });
      other.close();
      await rejects(asked, closed);
    });
    const message = "3 call(s) in another thread's event loop were not run to their end";
    deepEqual(
      reports.map((report) => [report.message, String(report.exception), report.calls]),
      [[message, 'RuntimeError: Event loop is closed', ['first', 'waits', 'behind']]],
    );
    loop.close();
  });

  it('a loop that nobody has heard of cannot be attached to', async () => {
    const loop = newEventLoop();
    const { ref } = loop;
    await loop.runUntilComplete(async () => {
      throws(() => EventLoop.attach({ ...ref, uvioLoop: 1e9 }), closed);
      throws(() => EventLoop.attach({ ...ref, pid: 1 }), { name: 'TypeError', message: /process/ });
    });
    loop.close();
    throws(() => loop.ref, closed);
  });
});

describe('the end of a thread that has called', () => {
  leavesNothingOpen();

  it('cancels what runs for it, and runs the calls that nobody was to answer', async () => {
    const loop = newEventLoop();
    const seen: unknown[] = [];
    const over = loop.createFuture<void>();
    loop.expose({
      note: (value: unknown) => {
        seen.push(value);
        if (value === 'last') over.setResult();
      },
      forever: async () => {
        try {
          await loop.createFuture();
        } finally {
          seen.push('cancelled');
        }
      },
    });
    const worker = startWorker<LoopRef>(({ EventLoop: { attach } }, _modules, ref) => {
      const attached = attach(ref);
      attached.runCoroutineThreadsafe('forever').catch(() => {});
      attached.callSoonThreadsafe('note', 'first');
      attached.callSoonThreadsafe('note', 'last');
      setTimeout(() => process.exit(0), 20);
    }, loop.ref);
    const exited = once(worker, 'exit');
    await over;
    await exited;
    while (!seen.includes('cancelled')) await new Promise((resolve) => setImmediate(resolve));
    deepEqual(seen, ['first', 'last', 'cancelled']);
    loop.close();
  });

  it('a call keeps the thread that made it alive until it is answered', async () => {
    const outcome = await runProcess(
      async ({ run, getRunningLoop, runCoroutineThreadsafe }, { threads }) => {
        const entry = JSON.stringify(`file://${process.cwd()}/dist/src/index.js`);
        const source = `
        const { parentPort } = require('node:worker_threads');
        import(${entry}).then(({ run, getRunningLoop }) => run(async () => {
          const loop = getRunningLoop();
          const stopped = loop.createFuture();
          loop.expose({
            slow: () => new Promise((resolve) => setTimeout(() => resolve('slow'), 50)),
            stop: () => stopped.setResult(),
          });
          parentPort.postMessage(loop.ref);
          await stopped;
          console.log('stopped');
        }));`;
        const worker = new threads.Worker(source, { eval: true });
        worker.unref();
        const ref = await new Promise<LoopRef>((resolve) => {
          const hold = setTimeout(() => {}, 10_000);
          worker.once('message', (message) => {
            clearTimeout(hold);
            resolve(message);
          });
        });
        await run(async () => {
          console.log(await runCoroutineThreadsafe(ref, 'slow'));
          console.log(getRunningLoop().isRunning());
        });
      },
    );
    assertPrinted(outcome, 'slow', 'true');
  });

  it('a loop that exposes something and is run keeps its thread, and lets it go when it is not', async () => {
    const outcome = await runProcess(async ({ getEventLoop }) => {
      const loop = getEventLoop();
      const { ref } = loop;
      console.log(typeof ref.uvioLoop);
      loop.expose('name', () => {});
      loop.callLater(20, () => {
        setTimeout(() => {
          console.log('kept');
          loop.stop();
        }, 20).unref();
      });
      await loop.runForever();
      console.log('let go');
    });
    assertPrinted(outcome, 'number', 'kept', 'let go');
  });
});
