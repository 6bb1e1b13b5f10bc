/**
 * What a Task of uvio has beyond asyncio's: its signal, foreign promises, several waits at once.
 *
 * Cancellation is thrown where the task waits on a uvio future; on a foreign promise it is thrown at the
 * next such wait, for a generator at once. The order of steps is in test/differential.
 */

import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import {
  CancelledError,
  createTask,
  currentTask,
  type EventLoop,
  ensureFuture,
  Future,
  newEventLoop,
  sleep,
  type Task,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { runChild } from './child.js';

const signalOf = () => (currentTask() as Task).signal;

describe('a Task', () => {
  leavesNothingOpen();
  let loop: EventLoop;
  beforeEach(() => {
    loop = newEventLoop();
  });
  afterEach(() => loop.close());
  const inLoop = (body: () => Promise<unknown>) => () => loop.runUntilComplete(body);

  it(
    'its signal aborts as soon as it is cancelled',
    inLoop(async () => {
      const task = createTask(async () => await new Future());
      const { signal } = task;
      equal(signal.aborted, false);
      equal(task.signal, signal);
      await sleep(0);
      task.cancel('why');
      equal(signal.aborted, true);
      ok(signal.reason instanceof CancelledError);
      deepEqual([signal.reason.message, signal.reason.code], ['why', 'ABORT_ERR']);
      await rejects(async () => await task, CancelledError);
    }),
  );

  it('a signal asked for after the cancellation is aborted', async () => {
    const task = loop.createTask(async () => await new Future());
    task.cancel();
    equal(task.signal.aborted, true);
    await rejects(async () => await task, CancelledError);
  });

  it(
    "a consumer of the signal stops at once, and Node's AbortError counts as the cancellation",
    inLoop(async () => {
      const task = createTask(() => delay(1_000_000, undefined, { signal: signalOf() }));
      await sleep(0);
      task.cancel();
      await rejects(async () => await task, CancelledError);
      equal(task.cancelled(), true);
    }),
  );

  it('a task that ends well never aborts its signal', async () => {
    const task = loop.createTask(async () => signalOf());
    equal((await task).aborted, false);
    equal(task.cancel(), false);
    equal(task.signal.aborted, false);
  });

  it(
    'a cancellation during a foreign promise is thrown at the next await of a future',
    inLoop(async () => {
      const events: string[] = [];
      const gate = new EventTarget();
      const task = createTask(async () => {
        await once(gate, 'open');
        events.push('foreign promise is over');
        await sleep(1_000_000).catch((error) => events.push((error as Error).message));
        return 'ended';
      });
      await sleep(0);
      equal(task.cancel('late'), true);
      await sleep(0);
      deepEqual(events, []);
      gate.dispatchEvent(new Event('open'));
      equal(await task, 'ended');
      deepEqual(events, ['foreign promise is over', 'late']);
    }),
  );

  it(
    'a task cancelled during its last foreign promise is cancelled',
    inLoop(async () => {
      const gate = new EventTarget();
      const task = createTask(async () => {
        await once(gate, 'open');
        return 'result';
      });
      await sleep(0);
      task.cancel();
      gate.dispatchEvent(new Event('open'));
      await rejects(async () => await task, CancelledError);
      equal(task.cancelled(), true);
    }),
  );

  it(
    'a generator is cancelled at a foreign promise at once',
    inLoop(async () => {
      const events: string[] = [];
      const never = new Promise(() => {});
      const task = createTask(function* () {
        try {
          yield never;
        } catch (error) {
          events.push((error as Error).message);
          throw error;
        }
      });
      await sleep(0);
      task.cancel('now');
      await rejects(async () => await task, { message: 'now' });
      deepEqual(events, ['now']);
    }),
  );

  it(
    'a generator that gave up a foreign promise does not hear of it any more',
    inLoop(async () => {
      let settle: (value: string) => void = () => {};
      const foreign = new Promise<string>((resolve) => {
        settle = resolve;
      });
      const task = createTask(function* () {
        try {
          yield foreign;
        } catch {}
        return yield* sleep(2, 'slept');
      });
      await sleep(0);
      task.cancel();
      await sleep(0);
      settle('too late');
      equal(await task, 'slept');
    }),
  );

  it(
    "a generator gets a foreign promise's value and error at its yield",
    inLoop(async () => {
      const task = createTask(function* () {
        const value = (yield Promise.resolve('value')) as string;
        try {
          yield Promise.reject(new RangeError('error'));
        } catch (error) {
          return [value, (error as Error).message];
        }
        return [];
      });
      deepEqual(await task, ['value', 'error']);
    }),
  );

  it(
    'cancelling a task that waits for several futures cancels them all',
    inLoop(async () => {
      const futures = [new Future(), new Future(), new Future()];
      const task = createTask(() => Promise.all(futures));
      await sleep(0);
      task.cancel('all');
      await rejects(async () => await task, { name: 'CancelledError', message: 'all' });
      ok(futures.every((future) => future.cancelled()));
      equal(task.cancelled(), true);
    }),
  );

  it(
    'futures that a task has seen done are not cancelled with it',
    inLoop(async () => {
      const first = new Future<string>();
      const second = new Future<string>();
      const task = createTask(async () => {
        const quick = await Promise.race([first, second]);
        await new Future();
        return quick;
      });
      await sleep(0);
      first.setResult('first');
      await sleep(0);
      task.cancel();
      await rejects(async () => await task, CancelledError);
      equal(first.result(), 'first');
      equal(second.cancelled(), true);
    }),
  );

  it(
    'a task that has ended cancels nothing',
    inLoop(async () => {
      const shared = new Future();
      const task = createTask(async () => {
        void shared.then(() => {});
      });
      await task;
      task.cancel();
      equal(shared.done(), false);
      shared.cancel();
    }),
  );

  it('eagerStart runs the first step before createTask() returns', async () => {
    const events: string[] = [];
    const quick = loop.createTask(() => 'result', { eagerStart: true });
    equal(quick.done(), true);
    const body = async () => {
      events.push(`first ${currentTask() === null}`);
      await sleep(0);
      events.push('second');
    };
    const task = loop.createTask(body, { eagerStart: true });
    deepEqual(events, ['first false']);
    await task;
    deepEqual(events, ['first false', 'second']);
    equal(await quick, 'result');
  });

  it('a body that throws before its first await fails the task and not its maker', async () => {
    const fail = () => {
      throw new RangeError('sync');
    };
    for (const eagerStart of [false, true]) {
      const task = loop.createTask(fail, { eagerStart });
      await rejects(async () => await task, RangeError);
    }
  });

  it('names count up and can be given, always as strings', () => {
    const first = loop.createTask(async () => {});
    const second = loop.createTask(async () => {});
    const number = (task: Task<void>) => Number(/^Task-(\d+)$/.exec(task.getName())?.[1]);
    equal(number(second), number(first) + 1);
    equal(loop.createTask(async () => {}, { name: 'mine' }).getName(), 'mine');
    const name = 5 as unknown as string;
    equal(loop.createTask(async () => {}, { name }).getName(), '5');
  });

  it('a task shows its state, its name and its body', async () => {
    async function work(): Promise<number> {
      return 5;
    }
    const task = loop.createTask(work, { name: 'shown' });
    equal(String(task), "<Task pending name='shown' coro=<work()>>");
    await task;
    ok(/^<Task finished .*name='shown'/.test(String(task)), String(task));
  });

  it('ensureFuture() follows a promise', async () => {
    equal(await ensureFuture(Promise.resolve('value'), { loop }), 'value');
    let fail: (error: Error) => void = () => {};
    const failing = new Promise((_, reject) => {
      fail = reject;
    });
    loop.callSoon(() => fail(new RangeError('x')));
    await rejects(async () => await ensureFuture(failing, { loop }), RangeError);
  });

  it('ensureFuture() of a rejected promise leaves no rejection unhandled', async () => {
    const ending = await runChild(
      `const future = uvio.ensureFuture(Promise.reject(new Error('early')));
       uvio.gather([Promise.reject(new Error('early')), future]).catch((error) => console.log(error.message));`,
    );
    deepEqual([ending.code, ending.lines], [0, ['early']], ending.errors);
  });

  it('ensureFuture() of a promise that never settles can be cancelled', async () => {
    const future = ensureFuture(new Promise(() => {}), { loop });
    await new Promise<void>((turn) => loop.callSoon(() => loop.callSoon(turn)));
    equal(future.cancel('given up'), true);
    await new Promise<void>((turn) => loop.callSoon(() => loop.callSoon(turn)));
    equal(future.cancelled(), true);
  });

  it('the types follow the body', async () => {
    const fromAsync: Task<number> = loop.createTask(async () => 1);
    const fromGenerator: Task<number> = loop.createTask(function* () {
      yield;
      return 2;
    });
    const sum: number = (await fromAsync) + (await fromGenerator);
    equal(sum, 3);
  });
});
