/**
 * Timeouts beyond asyncio's: promises and functions of Node inside, causes, results and types.
 *
 * The order of events is compared with asyncio's in test/differential/timeouts*.
 */

import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as nodeSleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import {
  CancelledError,
  createTask,
  currentTask,
  ExceptionGroup,
  Future,
  getEventLoop,
  getRunningLoop,
  RuntimeError,
  run,
  sleep,
  type Task,
  Timeout,
  TimeoutError,
  taskGroup,
  timeout,
  timeoutAt,
} from '../../src/index.js';
import { runChild } from '../core/child.js';
import { leavesNothingOpen } from '../support.js';

const LONG = 100_000;

/** What awaiting throws. */
async function caught(awaitable: PromiseLike<unknown>): Promise<Error> {
  try {
    await awaitable;
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

describe('timeout()', () => {
  leavesNothingOpen();

  it('gives what its body returns, with its type', () =>
    run(async () => {
      const fromAsync: number = await timeout(LONG, async () => 1);
      const fromGenerator: string = await timeoutAt(null, function* () {
        yield* sleep(0);
        return 'two';
      });
      const fromFunction: boolean = await timeout(null, () => true);
      deepEqual([fromAsync, fromGenerator, fromFunction], [1, 'two', true]);
    }));

  it('runs in the task that awaits it', () =>
    run(async () => {
      const task = currentTask();
      ok(await timeout(LONG, () => currentTask() === task));
      const later = async () => {
        await sleep(0);
        return currentTask() === task;
      };
      ok(await timeout(LONG, later));
    }));

  it('starts nothing until it is awaited, and runs once', () =>
    run(async () => {
      let began = 0;
      const limited = timeout(LONG, () => ++began);
      await sleep(0);
      equal(began, 0);
      equal(await limited, 1);
      await rejects(async () => await limited, RuntimeError);
    }));

  it('counts from the call', () =>
    run(async () => {
      const limited = timeout(1, () => sleep(LONG));
      await sleep(5);
      const since = getRunningLoop().time();
      ok((await caught(limited)) instanceof TimeoutError);
      ok(getRunningLoop().time() - since < LONG);
    }));

  it('rejects outside a task', async () => {
    using _loop = getEventLoop();
    for (const limited of [timeout(1, () => {}), timeoutAt(null, () => {})]) {
      const error = await caught(limited);
      equal(error.name, 'RuntimeError');
      equal(error.message, 'Timeout should be used inside a task');
    }
  });

  it('a TimeoutError has the cancellation as its cause, and a code', () =>
    run(async () => {
      const error = await caught(timeout(0, () => sleep(LONG)));
      equal(error.name, 'TimeoutError');
      equal((error as TimeoutError).code, 'ETIMEDOUT');
      ok(error.cause instanceof CancelledError);
    }));

  it("a function of Node's that is given the signal ends with the deadline", () =>
    run(async () => {
      const error = await caught(
        timeout(1, () => nodeSleep(LONG, undefined, { signal: currentTask()?.signal })),
      );
      ok(error instanceof TimeoutError);
      equal((error.cause as Error).name, 'AbortError');
      equal(currentTask()?.cancelling(), 0);
    }));

  it('the signal of the task is a fresh one after the deadline', () =>
    run(async () => {
      const task = currentTask() as Task;
      for (let time = 0; time < 3; time++) {
        const before = task.signal;
        equal(before.aborted, false);
        await caught(timeout(0, () => sleep(LONG)));
        equal(before.aborted, true);
      }
      equal(await nodeSleep(1, 'works', { signal: task.signal }), 'works');
    }));

  it('fetch() ends with the deadline', async () => {
    const server = createServer(() => {}).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      await run(async () => {
        const answer = () =>
          fetch(`http://127.0.0.1:${port}/`, { signal: currentTask()?.signal as AbortSignal });
        ok((await caught(timeout(20, answer))) instanceof TimeoutError);
        equal(currentTask()?.signal.aborted, false);
      });
    } finally {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    }
  });

  it('a promise that knows no signal is waited for in an async function', () =>
    run(async () => {
      let scope: Timeout | undefined;
      const value = await timeout(1, async (own) => {
        scope = own;
        return await nodeSleep(10, 'late');
      });
      equal(value, 'late');
      equal(scope?.expired(), true);
      await sleep(0); // and nothing is thrown later
    }));

  it('in a generator it is given up', () =>
    run(function* () {
      let thrown: unknown;
      try {
        yield* timeout(1, function* () {
          yield new Promise(() => {});
        });
      } catch (error) {
        thrown = error;
      }
      ok(thrown instanceof TimeoutError);
    }));

  it('an error that the body made of the cancellation tells of the deadline', () =>
    run(async () => {
      // CPython 3.13, Lib/asyncio/timeouts.py: the cancellation in the chain becomes a TimeoutError
      const body = async () => {
        const cause = await caught(sleep(LONG));
        throw new Error('outer', { cause: new Error('inner', { cause }) });
      };
      const error = await caught(timeout(0, body));
      equal(error.message, 'outer');
      const deadline = (error.cause as Error).cause as Error;
      ok(deadline instanceof TimeoutError);
      ok(deadline.cause instanceof CancelledError);
    }));

  it('and so does each error of a group', () =>
    run(async () => {
      const body = () =>
        taskGroup((group) => {
          group.createTask(async () => {
            throw new Error('cleanup', { cause: await caught(sleep(LONG)) });
          });
        });
      const error = (await caught(timeout(1, body))) as ExceptionGroup;
      ok(error instanceof ExceptionGroup);
      ok((error.errors[0] as Error).cause instanceof TimeoutError);
    }));

  it('errors that are their own causes do no harm', () =>
    run(async () => {
      const body = async () => {
        await caught(sleep(LONG));
        const [one, two] = [new Error('one'), new AggregateError([], 'two')];
        Object.assign(one, { cause: two });
        Object.assign(two, { cause: one, errors: [one, two] });
        throw one;
      };
      equal((await caught(timeout(0, body))).message, 'one');
    }));

  it('errors that cannot be changed are left as they are', () =>
    run(async () => {
      const body = async () => {
        throw Object.freeze(new Error('frozen', { cause: await caught(sleep(LONG)) }));
      };
      equal((await caught(timeout(0, body))).message, 'frozen');
    }));

  it('shows its state', () =>
    run(async () => {
      equal(`${new Timeout(null)}`, '<Timeout [created]>');
      equal(inspect(new Timeout(null)), '<Timeout [created]>');
      await timeout(LONG, (scope) => match(`${scope}`, /^<Timeout \[active\] when=\d+\.\d{3}>$/));
      await timeout(null, (scope) => equal(`${scope}`, '<Timeout [active] when=null>'));
    }));

  it('a scope that is not entered cannot be moved', () => {
    try {
      new Timeout(null).reschedule(1);
      ok(false);
    } catch (error) {
      equal((error as Error).message, 'Timeout has not been entered');
    }
  });

  it('a body that is in time leaves no timer', async () => {
    const { code, lines } = await runChild(`
      await uvio.run(() => uvio.timeout(1e9, () => uvio.sleep(1)));
      console.log('ends');
    `);
    deepEqual({ code, lines }, { code: 0, lines: ['ends'] });
  });

  it('a cancelled task leaves no timer of its scopes', () =>
    run(async () => {
      const task = createTask(() => timeout(LONG, () => timeout(LONG, () => new Future())));
      await sleep(0);
      task.cancel();
      ok((await caught(task)) instanceof CancelledError);
    }));
});
