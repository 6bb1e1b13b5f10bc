/**
 * AsyncLocalStorage through the loop: callbacks, timers, done callbacks and tasks keep the context in
 * which they were made, or run in the one that they were given.
 */

import { deepEqual, equal } from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  createTask,
  currentTask,
  type EventLoop,
  Future,
  newEventLoop,
  run,
  sleep,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';

const storage = new AsyncLocalStorage<string>();
const here = () => storage.getStore() ?? 'none';

describe('async context', () => {
  leavesNothingOpen();
  let loop: EventLoop;
  let seen: string[];
  const see = () => void seen.push(here());
  beforeEach(() => {
    loop = newEventLoop();
    seen = [];
  });
  afterEach(() => loop.close());
  const batch = () => new Promise<void>((ran) => loop.callSoon(() => loop.callSoon(ran)));

  it('flows into callbacks', async () => {
    storage.run('a', () => loop.callSoon(see));
    loop.callSoon(see);
    storage.run('b', () => loop.callSoon(see));
    await batch();
    deepEqual(seen, ['a', 'none', 'b']);
  });

  it('flows into timers', async () => {
    const now = loop.time();
    storage.run('late', () => loop.callAt(now + 2, see));
    storage.run('early', () => loop.callLater(0, see));
    await new Promise<void>((fire) => loop.callAt(now + 3, fire));
    deepEqual(seen, ['early', 'late']);
  });

  it('flows into done callbacks from where they were added', async () => {
    const future = loop.createFuture<void>();
    storage.run('adder', () => future.addDoneCallback(see));
    future.addDoneCallback(see);
    storage.run('setter', () => future.setResult());
    await batch();
    deepEqual(seen, ['adder', 'none']);
  });

  it('a done callback runs in the context that it is given', async () => {
    const context = storage.run('given', () => AsyncLocalStorage.snapshot());
    const future = loop.createFuture<void>();
    storage.run('adder', () => future.addDoneCallback(see, { context }));
    future.setResult();
    await batch();
    deepEqual(seen, ['given']);
  });

  it('flows into tasks and through their awaits', async () => {
    const body = async () => {
      see();
      await sleep(0);
      see();
      await sleep(1);
      see();
    };
    const tasks = ['a', 'b'].map((name) => storage.run(name, () => loop.createTask(body)));
    for (const task of tasks) await task;
    deepEqual(seen.slice(0, 4), ['a', 'b', 'a', 'b']);
    deepEqual(seen.slice(4).sort(), ['a', 'b']);
  });

  it('flows into the steps of a generator', async () => {
    const body = function* () {
      see();
      yield* sleep(0);
      see();
      yield Promise.resolve();
      see();
    };
    const task = storage.run('generator', () => loop.createTask(body));
    await task;
    deepEqual(seen, ['generator', 'generator', 'generator']);
  });

  it('a task runs in the context that it is given', async () => {
    const context = storage.run('given', () => AsyncLocalStorage.snapshot());
    await storage.run('maker', () =>
      loop.createTask(
        async () => {
          see();
          await sleep(0);
          see();
        },
        { context },
      ),
    );
    deepEqual(seen, ['given', 'given']);
  });

  it('what a task enters stays inside it', async () => {
    const task = loop.createTask(async () => {
      storage.enterWith('inner');
      await sleep(0);
      see();
    });
    await task;
    equal(here(), 'none');
    deepEqual(seen, ['inner']);
  });

  it('an await keeps the context of who awaits, not of who finishes', async () => {
    const future = loop.createFuture<void>();
    const waiter = storage.run('waiter', async () => {
      await future;
      see();
    });
    storage.run('finisher', () => loop.callSoon(() => future.setResult()));
    await waiter;
    deepEqual(seen, ['waiter']);
  });

  it('flows through run()', async () => {
    const inside = await storage.run('outside', () =>
      run(async () => {
        await sleep(0);
        return here();
      }),
    );
    equal(inside, 'outside');
  });

  it('an async function that a task calls belongs to the task, a callback does not', () =>
    loop.runUntilComplete(async () => {
      const main = currentTask();
      const helper = async () => {
        await sleep(0);
        return currentTask() === main;
      };
      equal(await helper(), true);
      const asked = new Future<boolean>();
      loop.callSoon(() => asked.setResult(currentTask() === null));
      equal(await asked, true);
    }));

  it('the current task is right in promise reactions of several tasks', () =>
    loop.runUntilComplete(async () => {
      const bodies = Array.from({ length: 5 }, () => async () => {
        const me = currentTask();
        for (let step = 0; step < 10; step++) {
          await (step % 2 === 0 ? Promise.resolve() : sleep(0));
          if (currentTask() !== me) return false;
        }
        return true;
      });
      const tasks = bodies.map((body) => createTask(body));
      for (const task of tasks) equal(await task, true);
    }));
});
