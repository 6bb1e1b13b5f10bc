/**
 * TaskGroup.cancel(), which CPython gets in 3.15 (Lib/asyncio/taskgroups.py): the block ends without an error.
 */

import { deepEqual, equal } from 'node:assert/strict';
import { setTimeout as nodeSleep } from 'node:timers/promises';
import {
  createTask,
  currentTask,
  type ExceptionGroup,
  eagerTaskFactory,
  Future,
  getRunningLoop,
  run,
  sleep,
  type Task,
  TaskGroup,
  taskGroup,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';

const LONG = 100_000;

class Boom extends Error {}

describe('TaskGroup.cancel()', () => {
  leavesNothingOpen();

  it('ends the body and the tasks', () =>
    run(async () => {
      const seen: string[] = [];
      const waits = async (name: string) => {
        try {
          await new Future();
        } finally {
          seen.push(name);
        }
      };
      await taskGroup(async (group) => {
        group.createTask(() => waits('task'));
        getRunningLoop().callSoon(() => group.cancel());
        await waits('body');
      });
      deepEqual(seen, ['task', 'body']);
      equal(currentTask()?.cancelling(), 0);
      await sleep(0); // nothing of the cancellation is left to be thrown
    }));

  it('may come from a task', () =>
    run(async () => {
      let other: Task | undefined;
      await taskGroup((group) => {
        other = group.createTask(() => new Future());
        group.createTask(() => group.cancel());
      });
      equal(other?.cancelled(), true);
      equal(currentTask()?.cancelling(), 0);
    }));

  it('before the block cancels it when it begins', () =>
    run(async () => {
      const group = new TaskGroup();
      group.cancel();
      const seen: string[] = [];
      const body = async () => {
        seen.push('begins');
        await new Future();
        seen.push('not here');
      };
      equal(await group.run(body), undefined);
      deepEqual(seen, ['begins']);
      equal(currentTask()?.cancelling(), 0);
    }));

  it('after the block, and a second time, does nothing', () =>
    run(async () => {
      const group = new TaskGroup();
      await group.run(async () => {
        group.createTask(() => new Future());
        await sleep(0);
        group.cancel();
        group.cancel();
        equal(currentTask()?.cancelling(), 1);
      });
      group.cancel();
      equal(currentTask()?.cancelling(), 0);
      await sleep(0);
    }));

  it('lets errors come out', () =>
    run(async () => {
      const body = async (group: TaskGroup) => {
        group.createTask(async () => {
          await new Future().catch(() => {});
          throw new Boom('cleanup');
        });
        await sleep(0);
        group.cancel();
        await new Future();
      };
      const error = (await taskGroup(body).then(undefined, (thrown) => thrown)) as ExceptionGroup;
      deepEqual(error.exceptions.map(String), ['Error: cleanup']);
    }));

  it('ends a body that Node is waiting for', () =>
    run(async () => {
      await taskGroup(async (group) => {
        getRunningLoop().callSoon(() => group.cancel());
        await nodeSleep(LONG, undefined, { signal: currentTask()?.signal });
      });
      equal(currentTask()?.cancelling(), 0);
    }));

  it('a cancellation from outside is not lost in it', () =>
    run(async () => {
      // CPython, gh-155433
      const slow = async () => {
        await new Future().catch(() => {});
        for (let turn = 0; turn < 5; turn++) await sleep(0);
      };
      const groups: TaskGroup[] = [];
      const task = createTask(() =>
        taskGroup((group) => {
          groups.push(group);
          group.createTask(slow);
        }),
      );
      await sleep(0);
      await sleep(0);
      groups[0]?.cancel();
      await sleep(0);
      task.cancel('outside');
      const error = (await task.catch((thrown) => thrown)) as unknown as Error;
      equal(error.message, 'outside');
      equal(task.cancelled(), true);
    }));

  it("a cancellation from outside does not hide the body's error", () =>
    run(async () => {
      const slow = async () => {
        await new Future().catch(() => {});
        for (let turn = 0; turn < 5; turn++) await sleep(0);
      };
      const task = createTask(() =>
        taskGroup(async (group) => {
          group.createTask(slow);
          await sleep(0);
          throw new Boom('body');
        }),
      );
      for (let turn = 0; turn < 3; turn++) await sleep(0);
      task.cancel('outside');
      const error = (await task.then(null, (thrown) => thrown)) as ExceptionGroup;
      deepEqual(error.errors.map(String), ['Error: body']);
    }));

  it('an eager task that cancels the group is cancelled too', () =>
    run(async () => {
      // CPython, gh-155418
      getRunningLoop().setTaskFactory(eagerTaskFactory);
      let task: Task | undefined;
      await taskGroup((group) => {
        task = group.createTask(async () => {
          group.cancel();
          await new Future();
        });
      });
      equal(task?.cancelled(), true);
    }));
});
