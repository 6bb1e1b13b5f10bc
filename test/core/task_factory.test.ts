/**
 * Task factories and contexts beyond asyncio's: classes of tasks of one's own, eager async functions, getContext().
 *
 * The order of events is compared with asyncio's in test/differential/{task_factories,eager,eager_factory}.
 */

import { deepEqual, equal, ok } from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  createEagerTaskFactory,
  createTask,
  currentTask,
  eagerTaskFactory,
  ensureFuture,
  getRunningLoop,
  newEventLoop,
  run,
  sleep,
  Task,
  taskGroup,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';

class Named extends Task {
  readonly tag = 'named';
}

describe('task factories', () => {
  leavesNothingOpen();

  it('createEagerTaskFactory() makes eager tasks of a class', () =>
    run(async () => {
      const seen: string[] = [];
      getRunningLoop().setTaskFactory(createEagerTaskFactory(Named as typeof Task));
      const task = createTask(
        function* () {
          seen.push('begins');
          yield* sleep(0);
          return 1;
        },
        { name: 'one' },
      );
      deepEqual(seen, ['begins']);
      ok(task instanceof Named);
      equal(task.getName(), 'one');
      equal(await task, 1);
    }));

  it('a factory makes the tasks of ensureFuture() and of groups', () =>
    run(async () => {
      const loop = getRunningLoop();
      loop.setTaskFactory((_loop, coro, options) => new Named(coro as never, options) as never);
      ok(ensureFuture((function* () {})()) instanceof Named);
      await taskGroup((group) => {
        ok(group.createTask(() => {}) instanceof Named);
      });
      loop.setTaskFactory(null);
      equal(loop.getTaskFactory(), null);
      ok(!(createTask(() => {}) instanceof Named));
    }));

  it('every loop has its own', () =>
    run(async () => {
      getRunningLoop().setTaskFactory(eagerTaskFactory);
      using other = newEventLoop();
      equal(other.getTaskFactory(), null);
      equal(getRunningLoop().getTaskFactory(), eagerTaskFactory);
    }));

  it('an eager async function has run to its first await, and is done a little later', () =>
    run(async () => {
      let began = false;
      const task = createTask(
        async () => {
          began = true;
          return 1;
        },
        { eagerStart: true },
      );
      deepEqual([began, task.done()], [true, false]);
      await Promise.resolve();
      await Promise.resolve();
      equal(task.done(), true);
      equal(await task, 1);
    }));

  it('an eager task starts whether the loop is run or not', () => {
    using loop = newEventLoop();
    const seen: string[] = [];
    loop.createTask(() => void seen.push('begins'), { eagerStart: true });
    deepEqual(seen, ['begins']);
  });
});

describe('getContext()', () => {
  leavesNothingOpen();
  const storage = new AsyncLocalStorage<string>();

  it('calls a function in the context of the task, but not inside the task', () =>
    run(async () => {
      const task = storage.run('of the task', () => createTask(() => sleep(1)));
      const context = task.getContext();
      deepEqual(
        context(() => [storage.getStore(), currentTask()]),
        ['of the task', null],
      );
      equal(storage.getStore(), undefined);
      await task;
      equal(
        context(() => storage.getStore()),
        'of the task',
      );
    }));

  it('is what other tasks and callbacks take', () =>
    run(async () => {
      const first = storage.run('first', () => createTask(() => sleep(0)));
      const seen: unknown[] = [];
      const second = createTask(
        async () => {
          await sleep(0);
          seen.push(storage.getStore(), currentTask() === second);
        },
        { context: first.getContext() },
      );
      first.addDoneCallback(() => seen.push(storage.getStore()), { context: first.getContext() });
      await second;
      deepEqual(seen, ['first', true, 'first']);
    }));

  it('timeouts, groups and what waits run in the context of who awaits them', () =>
    run(() =>
      storage.run('main', async () => {
        const seen: unknown[] = [];
        await taskGroup(async (group) => {
          seen.push(storage.getStore());
          group.createTask(async () => {
            await sleep(0);
            seen.push(storage.getStore());
          });
        });
        deepEqual(seen, ['main', 'main']);
      }),
    ));
});
